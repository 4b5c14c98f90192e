import { memory, openDriver, parsePath, Storage, type StorageDriver, StorageError } from '@filegate/core'
import drive from '@filegate/driver-gdrive'
import { afterEach, describe, expect, it } from 'vitest'
import { type SimulatedDrive, startDrive } from '../../../../test/simulators/drive/start-drive.ts'
import { vendorFetch } from '../../../../test/simulators/vendor-fetch.ts'
import { everything, type Scope } from '../access/scope.ts'
import { storageApp } from '../testing/reading-app.ts'

const bob = 'bob@example.com'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface Arranged {
  readonly options?: Readonly<Record<string, unknown>>
  readonly scope?: Scope
}

/** A server with one account of Google Drive, which has `a.txt`, and another. */
async function twoAccounts({ options = { server_side_across_configs: true }, scope = everything }: Arranged = {}) {
  const service = await startDrive()
  closing.push(() => service.close())
  const connect = async (email?: string) => {
    const token = JSON.stringify({ access_token: service.issueToken(['drive'], email) })
    const fetch = vendorFetch(service.routes)
    const driver = await openDriver(drive, { token, ...options }, { fetch, retries: { attempts: 1 } })
    closing.push(async () => driver.close?.())
    return driver
  }
  const backends = { one: await connect(), two: await connect(bob) }
  const app = storageApp(memory(), { backends, scope })
  closing.push(() => app.close())
  const { id } = service.add({ name: 'a.txt', bytes: 'content' })
  const send = async (query: string, path = 'a.txt') =>
    (await app.send('POST', `/api/v1/files/${path}?backend=one&${query}`)).status
  service.forget()
  return { service, ...backends, id, send, share: () => shareWith(service, id) }
}

const shareWith = (service: SimulatedDrive, id: string): void => service.share(id, { role: 'reader', email: bob })

const text = (driver: StorageDriver, path: string): Promise<string> => new Storage(driver).text(path)

/** Requests with the bytes of files. */
const transfers = ({ requests }: SimulatedDrive): number =>
  requests.filter(({ url }) => /alt=media|\/upload\//.test(url)).length

describe('a file between two backends', () => {
  it('is copied by the service, and no byte passes through here', async () => {
    const { service, two, send, share } = await twoAccounts()
    share()
    expect(await send('copy_to=two:/in/b.txt')).toBe(200)
    expect([service.count('files.copy'), transfers(service)]).toEqual([1, 0])
    expect(await text(two, 'in/b.txt')).toBe('content')
  })

  it('is moved by the service, and its source removed', async () => {
    const { service, one, two, send, share } = await twoAccounts()
    share()
    expect(await send('move_to=two:/b.txt')).toBe(200)
    expect([service.count('files.copy'), transfers(service)]).toEqual([1, 0])
    await expect(one.stat(parsePath('a.txt'))).rejects.toMatchObject({ code: 'NotFound' })
    expect(await text(two, 'b.txt')).toBe('content')
  })

  it('that the other account may not read is read and written', async () => {
    const { service, two, send } = await twoAccounts()
    expect(await send('copy_to=two:/b.txt')).toBe(200)
    expect([service.count('files.copy'), transfers(service) > 0]).toEqual([0, true])
    expect(await text(two, 'b.txt')).toBe('content')
  })

  it('is read and written where the option is off', async () => {
    const { service, two, send, share } = await twoAccounts({ options: {} })
    share()
    expect(await send('copy_to=two:/b.txt')).toBe(200)
    expect([service.count('files.copy'), transfers(service) > 0]).toEqual([0, true])
    expect(await text(two, 'b.txt')).toBe('content')
  })

  it('that replaces another is read and written, and what it replaces keeps its id', async () => {
    const { service, two, send, share } = await twoAccounts()
    share()
    const old = service.add({ name: 'b.txt', bytes: 'old', owner: bob })
    expect(await send('copy_to=two:/b.txt')).toBe(409)
    expect(await send('copy_to=two:/b.txt&overwrite')).toBe(200)
    expect(service.count('files.copy')).toBe(0)
    expect(await text(two, 'b.txt')).toBe('content')
    expect(service.tree.get(old.id)?.revisions).toHaveLength(2)
  })

  it('is not copied a second way when the service fails for another reason', async () => {
    const { service, two, send, share } = await twoAccounts()
    share()
    service.fail({ call: 'files.copy', reason: 'storageQuotaExceeded' })
    expect(await send('copy_to=two:/b.txt')).toBe(507)
    expect(transfers(service)).toBe(0)
    await expect(two.stat(parsePath('b.txt'))).rejects.toSatisfy((error) => StorageError.is(error, 'NotFound'))
  })

  it.each([
    ['reads nothing on the one', { one: 'none', two: 'write' }],
    ['sees only names on the one', { one: 'index', two: 'write' }],
    ['writes nothing on the other', { one: 'write', two: 'read' }],
  ] as const)('stays where it is for somebody who %s, and the service is not asked', async (_who, levels) => {
    const onBackend = (id: string): Scope => {
      const level = () => (id === 'one' ? levels.one : levels.two)
      return { ...everything, user: 'eve', unrestricted: false, level, lowest: level }
    }
    const scope = { ...everything, user: 'eve', unrestricted: false, onBackend }
    const { service, send, share } = await twoAccounts({ scope })
    share()
    for (const way of ['copy_to', 'move_to']) expect(await send(`${way}=two:/b.txt`)).toBe(403)
    expect(service.requests).toEqual([])
  })
})
