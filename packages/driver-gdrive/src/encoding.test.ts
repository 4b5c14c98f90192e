import { openDriver, type StorageDriver } from '@filegate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import definition from './index.ts'
import { names, put, textAt } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
beforeAll(async () => {
  service = await startDriveService()
})
afterAll(() => service.close())

/** As users get it, names and all. */
const open = (options: Readonly<Record<string, unknown>> = {}): Promise<StorageDriver> =>
  openDriver(
    definition,
    { token: service.token, pacer_burst: 1_000_000, ...options },
    { fetch: vendorFetch(service.drive.routes) },
  )

const awkward = ['a:b?.txt', ' space at both ends ', 'ends with a dot.', '“*”<|>', 'back\\slash', '😀']

describe('encoding', () => {
  it('leaves names as they are', async () => {
    const driver = await open()
    for (const name of awkward) await put(driver, `usual/${name}`, name)
    for (const reader of [driver, await service.connect()]) {
      expect(await names(reader, 'usual')).toEqual([...awkward].sort())
    }
    for (const name of awkward) expect(await textAt(driver, `usual/${name}`)).toBe(name)
  })

  it('stores the characters that it names as others, and shows them as they were', async () => {
    const driver = await open({ encoding: 'Colon,RightSpace' })
    await put(driver, 'other/a:b ', 'x')
    expect(await names(await service.connect(), 'other')).toEqual(['a：b␠'])
    expect([await names(driver, 'other'), await textAt(driver, 'other/a:b ')]).toEqual([['a:b '], 'x'])
  })

  it('shows a slash in a name as another character, and finds it by that', async () => {
    const driver = await open()
    service.drive.add({ name: 'either/or', bytes: 'both' })
    expect(await names(driver)).toContain('either／or')
    expect(await textAt(driver, 'either／or')).toBe('both')
  })
})
