import { collectBytes, parsePath } from '@filegate/core'
import { isGrantLost } from '@filegate/core/oauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OneDrive, startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import { connect } from './testing/connected.ts'
import { contentAt, countOf, itemAt, operations, put, read, write } from './testing/files.ts'
import { hurried } from './testing/hurried.ts'
import { lyingFetch } from './testing/lying-fetch.ts'
import { connectTo } from './testing/onedrive-harness.ts'

let service: OneDrive
let pauses: number[]
beforeAll(async () => {
  pauses = hurried()
  service = await startOneDrive()
})
beforeEach(() => service.forget())
afterAll(() => service.close())

describe('a file', () => {
  it('is looked up and read in two requests, and a part of it by a range', async () => {
    put(service, 'read/file.txt', 'some content')
    const driver = await connect(service)
    await driver.stat(parsePath('read/file.txt'))
    service.forget()
    expect(await read(driver, 'read/file.txt')).toBe('some content')
    expect(operations(service)).toEqual(['get item', 'download bytes'])
    const part = await driver.read(parsePath('read/file.txt'), { range: { suffix: 7 } })
    expect(part.range).toEqual({ start: 5, end: 12 })
    expect(Buffer.from(await collectBytes(part.body)).toString()).toBe('content')
    expect(service.requests.at(-1)?.headers.range).toBe('bytes=5-11')
  })

  it('is read again from another address, when the one that was given has run out', async () => {
    put(service, 'expiring.txt', 'content')
    const driver = await connectTo(service)
    service.fail({ operation: 'download bytes', code: 'unauthenticated' })
    expect(await read(driver, 'expiring.txt')).toBe('content')
    expect(countOf(service, 'download bytes')).toBe(2)
  })

  it('is read in its versions, the newest as it is', async () => {
    const driver = await connect(service)
    for (const content of ['one', 'second', 'the third']) await write(driver, 'kept.txt', content)
    const { items } = await driver.revisions(parsePath('kept.txt'))
    expect(items.map(({ size }) => size)).toEqual([9, 6, 3])
    const texts: string[] = []
    for (const { version } of items) {
      const { entry, body } = await driver.read(parsePath('kept.txt'), { version, range: { start: 0, end: 3 } })
      expect(entry.version).toBe(version)
      texts.push(Buffer.from(await collectBytes(body)).toString())
    }
    expect(texts).toEqual(['the', 'sec', 'one'])
    for (const version of ['99.0', '../content', '']) {
      await expect(driver.read(parsePath('kept.txt'), { version })).rejects.toMatchObject({ code: 'NotFound' })
    }
  })

  it('is what it is in its folder, also after somebody put another folder there', async () => {
    put(service, 'swapped/file.txt', 'old')
    const driver = await connect(service)
    expect(await read(driver, 'swapped/file.txt')).toBe('old')
    service.tree.update(itemAt(service, 'swapped')?.id ?? '', { trashed: true })
    put(service, 'swapped/file.txt', 'new')
    expect(await read(driver, 'swapped/file.txt')).toBe('new')
  })
})

describe('names in another case', () => {
  it('are the same names, and can be given', async () => {
    put(service, 'Case/File.txt', 'content')
    const driver = await connect(service)
    expect(await read(driver, 'CASE/FILE.TXT')).toBe('content')
    await driver.move(parsePath('Case/File.txt'), { destination: parsePath('case/FILE.txt'), overwrite: true })
    expect(contentAt(service, 'case/FILE.txt')).toBe('content')
    expect((await driver.list(parsePath('case'))).items.map(({ name }) => name)).toEqual(['FILE.txt'])
  })
})

describe('a folder in another case', () => {
  it('can be given to it, and holds what it held', async () => {
    put(service, 'lower/file.txt', 'content')
    const driver = await connect(service)
    await driver.stat(parsePath('lower/file.txt'))
    await driver.move(parsePath('lower'), { destination: parsePath('LOWER') })
    expect(itemAt(service, 'LOWER')?.name).toBe('LOWER')
    expect(await read(driver, 'Lower/FILE.txt')).toBe('content')
  })
})

describe('a copy', () => {
  it('is waited for, and keeps the time of the file', async () => {
    const driver = await connect(service)
    await write(driver, 'original.txt', 'content', { modified: 1_000_000 })
    service.forget()
    const entry = await driver.copy(parsePath('original.txt'), { destination: parsePath('copy.txt') })
    expect(entry.modified).toBe(1_000_000)
    expect(countOf(service, 'monitor copy')).toBe(2)
    expect(contentAt(service, 'copy.txt')).toBe('content')
  })

  it('goes on when nothing is told of it for a moment', async () => {
    const driver = await connect(service)
    put(service, 'patient.txt')
    service.fail({ operation: 'monitor copy', code: 'serviceNotAvailable' })
    await driver.copy(parsePath('patient.txt'), { destination: parsePath('patience.txt') })
    expect(contentAt(service, 'patience.txt')).toBe('content')
    expect(countOf(service, 'copy')).toBe(1)
  })

  it('that fails later says why, and one that is called off is waited for no more', async () => {
    const driver = await connect(service)
    put(service, 'failing.txt')
    service.fail({ operation: 'monitor copy', code: 'quotaLimitReached' })
    const failed = driver.copy(parsePath('failing.txt'), { destination: parsePath('failed.txt') })
    await expect(failed).rejects.toMatchObject({ code: 'NoSpace' })
    const endless = lyingFetch(service, ({ url }) =>
      url.pathname.includes('monitor') ? Response.json({ status: 'inProgress' }, { status: 202 }) : undefined,
    )
    const patient = await connect(service, {}, { fetch: endless.fetch })
    const controller = new AbortController()
    const waiting = patient.copy(parsePath('failing.txt'), {
      destination: parsePath('w.txt'),
      signal: controller.signal,
    })
    const ended = waiting.catch((error: unknown) => error)
    await expect.poll(() => endless.sent.length).toBeGreaterThan(20)
    controller.abort()
    expect(await ended).toMatchObject({ code: 'Aborted' })
  })
})

describe('a service that is asked too often', () => {
  beforeAll(() => void put(service, 'busy.txt'))

  it.each([
    ['activityLimitReached', 429],
    ['serviceNotAvailable', 503],
    ['bandwidthLimitExceeded', 509],
  ] as const)('with %s is asked again once, when it says', async (code, status) => {
    const driver = await connectTo(service, {}, { retries: { attempts: 3, firstDelay: 1 } })
    service.forget()
    pauses.splice(0)
    service.fail({ code, retryAfter: 1, operation: 'get item' })
    await driver.stat(parsePath('busy.txt'))
    expect(service.requests.map((request) => request.status)).toEqual([status, 200])
    expect(Math.max(...pauses)).toBe(1000)
  })

  it('is not asked again for a time that is too long', async () => {
    const driver = await connectTo(service)
    service.forget()
    service.fail({ code: 'activityLimitReached', retryAfter: 600, operation: 'get item' })
    await expect(driver.stat(parsePath('busy.txt'))).rejects.toMatchObject({ code: 'Throttled', retryAfter: 600 })
    expect(service.requests).toHaveLength(1)
  })
})

describe('a login', () => {
  /** A blob whose access token has run out. */
  const expired = (fields: Parameters<OneDrive['tokenBlob']>[0] = {}) =>
    service.tokenBlob({ lifetime: -100, ...fields })

  it('is renewed before it is used, and what was given is kept first', async () => {
    put(service, 'renewed.txt', 'content')
    const kept: string[] = []
    const fetch = vendorFetch(service.routes)
    const driver = await connectTo(
      service,
      { token: expired() },
      {
        fetch,
        saveToken: async (blob) => {
          expect(service.requests).toEqual([])
          kept.push(blob)
        },
      },
    )
    expect(await read(driver, 'renewed.txt')).toBe('content')
    expect(kept).toHaveLength(1)
    expect(JSON.parse(kept[0] ?? '')).toMatchObject({ refresh_token: expect.stringMatching(/^.{20,}/) })
    expect(service.requests.filter(({ status }) => status === 401)).toEqual([])
  })

  it('that is refused while it should be good is renewed, and the call made again', async () => {
    put(service, 'refused.txt', 'content')
    const driver = await connectTo(service, {}, { retries: { attempts: 1 } })
    service.forget()
    service.fail({ operation: 'get item', code: 'InvalidAuthenticationToken' })
    expect(await read(driver, 'refused.txt')).toBe('content')
    expect(service.requests.map(({ status }) => status)).toEqual([401, 200, 200])
  })

  it('that was taken back asks the user to allow access anew', async () => {
    const own = await startOneDrive()
    try {
      const token = own.tokenBlob({ lifetime: -100 })
      own.entra.revokeGrants('ann@contoso.com')
      const error: unknown = await connectTo(own, { token }).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'Unauthenticated', message: expect.stringContaining('Allow it anew') })
      expect(isGrantLost(error)).toBe(true)
      const none: unknown = await connectTo(own, { token: '' }).catch((reason: unknown) => reason)
      expect(isGrantLost(none)).toBe(true)
    } finally {
      await own.close()
    }
  })

  it('without the scope names those that are needed', async () => {
    put(service, 'narrow.txt', 'content')
    const reading = await connect(service, { token: service.tokenBlob({ scopes: ['Files.Read'] }) })
    expect(await read(reading, 'narrow.txt')).toBe('content')
    await expect(write(reading, 'narrow.txt', 'x')).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('Files.ReadWrite.All'),
    })
    await expect(connectTo(service, { token: service.tokenBlob({ scopes: ['User.Read'] }) })).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('Files.Read.All'),
    })
  })

  it('of somebody without a drive says to open one', async () => {
    const token = service.tokenBlob({ user: 'bob@contoso.com' })
    await expect(connectTo(service, { token })).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringContaining('drive_id: the account has no drive of its own'),
    })
  })
})
