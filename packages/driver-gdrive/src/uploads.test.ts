import { createHash } from 'node:crypto'
import { collectBytes, parsePath, type StoragePath } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import { names, put, textAt, told } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
beforeAll(async () => {
  service = await startDriveService()
})
beforeEach(() => service.drive.forget())
afterAll(() => service.close())

const sample = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => (at * 7 + (at >> 8)) % 251)
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
const path = parsePath('file.bin')

/** A body of unknown size that counts how much of it was taken. */
function counted(bytes: Uint8Array, step = 65_536) {
  const state = { taken: 0 }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (state.taken >= bytes.length) return controller.close()
        controller.enqueue(bytes.slice(state.taken, state.taken + step))
        state.taken += step
      },
    },
    { highWaterMark: 0 },
  )
  return { body, state }
}

const types = () => service.drive.requests.map(({ query }) => query.get('uploadType')).filter((type) => type !== null)

describe('an upload', () => {
  it.each([
    [1_000_000, '262144', 'resumable'],
    [262_143, '262144', 'multipart'],
    [262_144, '262144', 'resumable'],
    [0, '0', 'resumable'],
    [0, '1', 'multipart'],
  ])('of %i bytes with the cutoff %s is %s', async (size, cutoff, kind) => {
    const driver = await service.connect({ upload_cutoff: cutoff, chunk_size: '262144' })
    const bytes = sample(size)
    for (const announced of [size, undefined]) {
      service.drive.forget()
      const entry = await put(driver, path, bytes, { size: announced })
      expect(entry).toMatchObject({ size, hashes: { md5: md5(bytes) } })
      expect(new Set(types())).toContain(kind)
    }
    expect(md5(await collectBytes((await driver.read(path)).body))).toBe(md5(bytes))
  })

  it('goes in chunks of chunk_size, of which one is in memory', async () => {
    const driver = await service.connect({ upload_cutoff: '262144', chunk_size: '262144' })
    const bytes = sample(262_144 * 5)
    const { body, state } = counted(bytes)
    const ahead: number[] = []
    const through = vendorFetch(service.drive.routes)
    const watching = await service.connect(
      { upload_cutoff: '262144', chunk_size: '262144' },
      {
        fetch: async (input, init) => {
          const range = new Headers(init?.headers).get('content-range')
          const end = /-(\d+)\//.exec(range ?? '')?.[1]
          if (end !== undefined) ahead.push(state.taken - Number(end) - 1)
          return through(input, init)
        },
      },
    )
    await watching.write?.(path, { body })
    expect(ahead).toHaveLength(5)
    // What decides that a chunk is not the last one is taken before it is sent, and no more.
    expect(Math.max(...ahead)).toBeLessThanOrEqual(65_536)
    expect(await driver.stat(path)).toMatchObject({ hashes: { md5: md5(bytes) } })
  })

  it('longer than a chunk and below the cutoff is streamed', async () => {
    const driver = await service.connect({ upload_cutoff: '1G', chunk_size: '262144' })
    const bytes = sample(3_000_000)
    const { body } = counted(bytes)
    expect(await driver.write?.(path, { body, size: bytes.length })).toMatchObject({ hashes: { md5: md5(bytes) } })
    expect(types()).toEqual(['multipart'])
  })

  it.each(['262144', '1G'])('with another digest than announced leaves the old file (cutoff %s)', async (cutoff) => {
    const driver = await service.connect({ upload_cutoff: cutoff, chunk_size: '262144' })
    await put(driver, path, 'old')
    for (const size of [10, 600_000]) {
      const hashes = { sha256: '0'.repeat(64) }
      await expect(put(driver, path, sample(size), { hashes, size })).rejects.toThrow(/SHA256 that was announced/)
    }
    expect(await textAt(driver, path)).toBe('old')
  })

  it('goes on where a connection broke', async () => {
    const driver = await service.connect({ upload_cutoff: '262144', chunk_size: '262144' })
    const bytes = sample(1_000_000)
    service.drive.fail({ call: 'upload.continue', reason: 'backendError' }, { call: 'upload.continue', cutAfter: 0 })
    expect(await put(driver, path, bytes)).toMatchObject({ size: bytes.length, hashes: { md5: md5(bytes) } })
  })

  it('that fails is cancelled, and leaves nothing', async () => {
    const driver = await service.connect({ upload_cutoff: '262144', chunk_size: '262144' })
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(sample(300_000))
        if (service.drive.count('upload') > 1) controller.error(new Error('the sender is gone'))
      },
    })
    await expect(driver.write?.(parsePath('never.bin'), { body })).rejects.toMatchObject({
      cause: new Error('the sender is gone'),
    })
    expect(service.drive.requests.some(({ method }) => method === 'DELETE')).toBe(true)
    expect(await names(driver)).not.toContain('never.bin')
  })

  it('keeps its revisions for ever with keep_revision_forever', async () => {
    const driver = await service.connect({ keep_revision_forever: true, upload_cutoff: '100' })
    await put(driver, 'kept.txt', 'first')
    await put(driver, 'kept.txt', sample(200))
    await driver.copy?.(parsePath('kept.txt'), { destination: parsePath('copy.txt') })
    const asked = service.drive.requests.filter(({ query }) => query.get('keepRevisionForever') === 'true')
    expect(asked.map(({ call }) => call)).toContain('files.copy')
    expect(asked.length).toBeGreaterThanOrEqual(3)
    service.drive.forget()
    await put(await service.connect(), 'usual.txt')
    expect(service.drive.requests.some(({ query }) => query.has('keepRevisionForever'))).toBe(false)
  })

  it('keeps the type that it is given, and that of what it replaces', async () => {
    const driver = await service.connect()
    expect(await put(driver, 'typed', 'x', { contentType: 'text/x-one' })).toMatchObject({ contentType: 'text/x-one' })
    expect(await put(driver, 'typed', 'y')).toMatchObject({ contentType: 'text/x-one' })
  })
})

describe('a condition of a write', () => {
  /** Changes the file behind the back of who writes it, once the body is asked for. */
  function meddling(change: () => void): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          change()
          controller.enqueue(sample(10))
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
  }
  const at = (name: string): StoragePath => parsePath(name)

  it('is looked at once more when all has been sent but the end', async () => {
    const driver = await service.connect()
    const { etag = '' } = await put(driver, 'watched.txt', 'old')
    const [item] = service.drive.tree.named(service.drive.user.root, 'watched.txt')
    const body = meddling(() => void service.drive.tree.write(item?.id ?? '', Buffer.from('theirs')))
    const writing = driver.write?.(at('watched.txt'), { body, conditions: { ifMatch: [etag] } })
    await expect(writing).rejects.toMatchObject({ code: 'PreconditionFailed' })
    expect(await textAt(driver, 'watched.txt')).toBe('theirs')
  })

  it('finds what somebody else has made meanwhile', async () => {
    const driver = await service.connect()
    const body = meddling(() => void service.drive.add({ name: 'raced.txt', bytes: 'theirs' }))
    const writing = driver.write?.(at('raced.txt'), { body, conditions: { ifNoneMatch: ['*'] } })
    await expect(writing).rejects.toMatchObject({ code: 'PreconditionFailed' })
    expect(await textAt(driver, 'raced.txt')).toBe('theirs')
    expect(told(service.drive, 'files.list', 'q').length).toBeGreaterThan(1)
  })
})

describe('revisions', () => {
  it('are told with their own facts, and read in ranges', async () => {
    const driver = await service.connect()
    await put(driver, 'history.txt', 'first!', { modified: 1000 })
    await put(driver, 'history.txt', 'second', { modified: 2000 })
    const { items = [] } = (await driver.revisions?.(parsePath('history.txt'))) ?? {}
    expect(items.map(({ modified, size }) => [modified, size])).toEqual([
      [2000, 6],
      [1000, 6],
    ])
    const version = items[1]?.version
    expect(await textAt(driver, 'history.txt', { version, range: { start: 1, end: 3 } })).toBe('ir')
    const { entry } = await driver.read(parsePath('history.txt'), { version })
    expect(entry).toMatchObject({ modified: 1000, hashes: { md5: md5(Buffer.from('first!')) }, etag: `"${version}"` })
    for (const wrong of ['nope', '../x', '']) {
      await expect(driver.read(parsePath('history.txt'), { version: wrong })).rejects.toMatchObject({
        code: 'NotFound',
      })
    }
  })
})
