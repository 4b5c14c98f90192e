import { can, parsePath, requireMethods } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { textAt } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

const bob = 'bob@example.com'
const on = { server_side_across_configs: true }

let service: DriveService
beforeAll(async () => {
  service = await startDriveService()
})
beforeEach(() => service.drive.forget())
afterAll(() => service.close())

/** One's own connection, and Bob's. */
async function both() {
  const token = JSON.stringify({ access_token: service.drive.issueToken(['drive'], bob) })
  const [own, bobs] = [await service.connect(on), await service.connect({ ...on, token })]
  service.drive.forget()
  return { own: requireMethods(own, 'handle'), bobs: requireMethods(bobs, 'copyFrom') }
}

describe('with server_side_across_configs, a file', () => {
  it('that another account may read is copied there by Google, with its time', async () => {
    const { drive } = service
    const modified = Date.UTC(2019, 4, 6, 7, 8, 9, 123)
    const { id } = drive.add({ name: 'shared.txt', bytes: 'shared', modified })
    drive.share(id, { role: 'reader', email: bob })
    const { own, bobs } = await both()
    const handle = await own.handle(parsePath('shared.txt'))
    const entry = await bobs.copyFrom(parsePath('in/copy.txt'), { handle })
    expect(entry).toMatchObject({ path: 'in/copy.txt', size: 6, modified })
    expect(drive.count('files.copy')).toBe(1)
    expect(drive.requests.filter(({ url }) => /alt=media|\/upload\//.test(url))).toEqual([])
    expect(await textAt(bobs, 'in/copy.txt')).toBe('shared')
    await expect(own.stat(parsePath('in/copy.txt'))).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('that a link with a key opens is copied with that key', async () => {
    const { drive } = service
    const { id } = drive.add({ name: 'keyed.txt', bytes: 'keyed' })
    drive.share(id, { role: 'reader', resourceKey: '0-key' })
    const { own, bobs } = await both()
    const handle = await own.handle(parsePath('keyed.txt'))
    expect(handle.reference).toBe(`${id}/0-key`)
    await bobs.copyFrom(parsePath('keyed-copy.txt'), { handle })
    expect(await textAt(bobs, 'keyed-copy.txt')).toBe('keyed')
  })

  it('that is not shared is not found by the other account, and nothing is made', async () => {
    service.drive.add({ name: 'private.txt', bytes: 'private' })
    const { own, bobs } = await both()
    const handle = await own.handle(parsePath('private.txt'))
    const copying = bobs.copyFrom(parsePath('private-copy.txt'), { handle })
    await expect(copying).rejects.toMatchObject({ code: 'NotFound' })
    expect(service.drive.count('files.copy')).toBe(0)
  })

  it('that is a Google document is not copied', async () => {
    service.drive.add({ name: 'plan', document: 'a plan' })
    const { own } = await both()
    await expect(own.handle(parsePath('plan.docx'))).rejects.toMatchObject({ code: 'Unsupported' })
  })
})

it('without server_side_across_configs nothing is copied between connections', async () => {
  const driver = await service.connect()
  expect([can(driver, 'handle'), can(driver, 'copyFrom')]).toEqual([false, false])
})
