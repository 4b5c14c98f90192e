import { parsePath } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import { names, put, textAt, walked } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
beforeAll(async () => {
  service = await startDriveService()
})
beforeEach(() => service.drive.forget())
afterAll(() => service.close())

/** A service that answers about one folder of so many files, each hundredth of a name that was there before. */
function manyFiles(count: number, isOrdered: boolean): typeof fetch {
  const through = vendorFetch(service.drive.routes)
  const file = (place: number) => ({
    id: `file-${place}`,
    name: place % 100 === 99 ? `name-${place - 1}` : `name-${place}`,
    mimeType: 'text/plain',
    size: '1',
    createdTime: new Date(1e12 - (isOrdered ? place : (place * 7919) % count) * 1000).toISOString(),
  })
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (!url.pathname.endsWith('/drive/v3/files') || url.searchParams.has('uploadType')) return through(input, init)
    requests += 1
    const start = Number(url.searchParams.get('pageToken') ?? 0)
    const end = Math.min(count, start + Number(url.searchParams.get('pageSize')))
    const files = Array.from({ length: end - start }, (_, place) => file(start + place))
    return Response.json({ files, ...(end < count && { nextPageToken: String(end) }) })
  }
}
let requests = 0

describe('a large folder', () => {
  it.each([
    [100_000, true, 100],
    [20_000, false, 41],
  ])('of %i files (in order: %s) is listed page by page, in %i requests', async (count, isOrdered, all) => {
    const driver = await service.connect({}, { fetch: manyFiles(count, isOrdered) })
    requests = 0
    const found = new Set<string>()
    let [given, cursor]: [number, string | undefined] = [0, undefined]
    do {
      const before = requests
      const page = await driver.list(parsePath(''), { cursor })
      expect(requests - before).toBe(1)
      expect(page.items.length).toBeLessThanOrEqual(1000)
      for (const { name } of page.items) found.add(name)
      given += page.items.length
      cursor = page.cursor
    } while (cursor !== undefined)
    expect([given, found.size, requests]).toEqual([count * 0.99, count * 0.99, all])
  })
})

describe('a name that a folder holds twice', () => {
  it('leads to the same file however its times are set, and whatever is written to it', async () => {
    const { drive } = service
    const parent = drive.add({ kind: 'folder', name: 'twice' }).id
    drive.add({ name: 'same.txt', parent, bytes: 'first', created: 1000, modified: 9000 })
    drive.add({ name: 'same.txt', parent, bytes: 'second', created: 2000, modified: 3000 })
    const driver = await service.connect()
    expect(await textAt(driver, 'twice/same.txt')).toBe('second')
    await driver.setModified?.(parsePath('twice/same.txt'), { modified: 1000 })
    expect(await textAt(driver, 'twice/same.txt')).toBe('second')
    await put(driver, 'twice/same.txt', 'new', { modified: 2000 })
    expect(await textAt(driver, 'twice/same.txt')).toBe('new')
    expect(await names(driver, 'twice')).toEqual(['same.txt'])
    expect(await walked(driver, 'twice')).toEqual(['twice/same.txt'])
  })
})
