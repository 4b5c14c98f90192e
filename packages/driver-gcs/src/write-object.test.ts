import { createHash } from 'node:crypto'
import { collectBytes, type DriverWith, parsePath, requireMethods, streamBytes } from '@filegate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultyProxy, type FaultyProxy } from './testing/faulty-proxy.ts'
import { connectTo } from './testing/gcs-harness.ts'
import { type SimulatedService, startSimulatedService } from './testing/simulated-service.ts'

const mebibyte = 1_048_576
/** Three chunks, the last of which is short. */
const content = Uint8Array.from({ length: 16 * mebibyte + 12_345 }, (_, place) => (place * 31 + (place >> 8)) % 256)
const md5 = createHash('md5').update(content).digest('hex')
/** As much as a chunk has, and one byte more. */
const [exact, over] = [8 * mebibyte, 8 * mebibyte + 1]

let service: SimulatedService
let proxy: FaultyProxy
beforeAll(async () => {
  service = await startSimulatedService()
  proxy = await faultyProxy(service.endpoint)
  service.storage.addBucket({ name: 'writing' })
})
afterAll(async () => {
  await proxy.close()
  await service.close()
})

const connect = async (
  options: Readonly<Record<string, unknown>> = {},
): Promise<DriverWith<'write' | 'copy' | 'remove' | 'setModified' | 'hash'>> =>
  requireMethods(
    await connectTo({ ...service.options, endpoint: proxy.endpoint, ...options }, { retries: { attempts: 1 } }),
    'write',
    'copy',
    'remove',
    'setModified',
    'hash',
  )

/** Bytes that come in slowly enough to see what the vendor has meanwhile. */
const inPieces = (bytes: Uint8Array): ReadableStream<Uint8Array> => {
  let sent = 0
  return new ReadableStream({
    pull(controller) {
      if (sent >= bytes.length) return controller.close()
      controller.enqueue(bytes.subarray(sent, sent + mebibyte))
      sent += mebibyte
    },
  })
}

const uploads = (): string[] =>
  proxy.seen.flatMap(({ method, headers }) => {
    const range = headers['content-range']
    return method === 'PUT' && range !== undefined ? [range] : []
  })

describe('writing an object', () => {
  it.each([
    ['of known length, in chunks', content, content.length],
    ['of unknown length, in chunks', content, undefined],
    ['of exactly a chunk, in one request', content.subarray(0, exact), exact],
    ['of exactly a chunk and unknown length', content.subarray(0, exact), undefined],
    ['of a chunk and a byte', content.subarray(0, over), undefined],
    ['of nothing', content.subarray(0, 0), undefined],
  ])('comes through: a body %s', async (label, bytes, size) => {
    const driver = await connect()
    const path = parsePath(`writing/${label}`)
    const entry = await driver.write(path, { body: inPieces(bytes), size })
    const digest = createHash('md5').update(bytes).digest('hex')
    expect(entry).toMatchObject({ size: bytes.length, hashes: { md5: digest } })
    expect(Buffer.compare(await collectBytes((await driver.read(path)).body), bytes)).toBe(0)
    await driver.close?.()
  })

  it('chunks are multiples of 256 KiB, and only the last says how long all is', async () => {
    const driver = await connect()
    const from = uploads().length
    await driver.write(parsePath('writing/ranges'), { body: inPieces(content) })
    expect(uploads().slice(from)).toEqual([
      'bytes 0-8388607/*',
      'bytes 8388608-16777215/*',
      `bytes 16777216-${content.length - 1}/${content.length}`,
    ])
    expect(proxy.seen.findLast(({ method }) => method === 'PUT')?.headers['x-goog-hash']).toBe(
      `md5=${Buffer.from(md5, 'hex').toString('base64')}`,
    )
  })

  it('a chunk that breaks off on its way goes on at the byte up to which the vendor has it', async () => {
    const driver = await connect()
    const from = uploads().length
    proxy.meddle('PUT', /upload_id=/, { kind: 'broken-request', after: 3 * mebibyte })
    const path = parsePath('writing/broken off')
    await driver.write(path, { body: inPieces(content), size: content.length })
    expect(Buffer.compare(await collectBytes((await driver.read(path)).body), content)).toBe(0)
    const [first, asked, resumed] = uploads().slice(from)
    expect([first, asked]).toEqual(['bytes 0-8388607/*', 'bytes */*'])
    expect(resumed).toMatch(/^bytes \d+-8388607\/\*$/)
  })

  it.each([
    ['of a chunk', 0],
    ['of the last chunk', 2],
  ])('an answer %s that is lost sends nothing twice', async (_label, before) => {
    const driver = await connect()
    const from = uploads().length
    for (let chunk = 0; chunk < before; chunk++) proxy.meddle('PUT', /upload_id=/, { kind: 'none' })
    proxy.meddle('PUT', /upload_id=/, { kind: 'lost-answer' })
    const path = parsePath(`writing/lost ${before}`)
    const entry = await driver.write(path, { body: inPieces(content), size: content.length })
    expect(entry.hashes?.md5).toBe(md5)
    const sent = uploads().slice(from)
    expect(sent.filter((range) => !range.startsWith('bytes */'))).toHaveLength(3)
    expect(sent.filter((range) => range.startsWith('bytes */'))).toHaveLength(1)
  })

  it.each([
    ['throttled' as const, { kind: 'throttled' as const, retryAfter: 0 }],
    ['out of order' as const, { kind: 'unavailable' as const }],
  ])('a chunk that finds the vendor %s is sent again', async (label, fault) => {
    const driver = await connect()
    proxy.meddle('PUT', /upload_id=/, fault)
    const path = parsePath(`writing/${label}`)
    await driver.write(path, { body: inPieces(content) })
    expect(Buffer.compare(await collectBytes((await driver.read(path)).body), content)).toBe(0)
  })

  it('an upload in one request that finds the vendor out of order is sent again', async () => {
    const driver = await connect()
    proxy.meddle('POST', /uploadType=multipart/, { kind: 'unavailable' })
    expect(await driver.write(parsePath('writing/again'), { body: streamBytes(content.subarray(0, 5)) })).toMatchObject(
      {
        size: 5,
      },
    )
  })

  it('an upload with a condition is not sent again when its answer is lost', async () => {
    const driver = await connect()
    proxy.meddle('POST', /uploadType=multipart/, { kind: 'lost-answer' })
    const path = parsePath('writing/once')
    const body = streamBytes(content.subarray(0, 5))
    const writing = driver.write(path, { body, conditions: { ifNoneMatch: ['*'] } })
    await expect(writing).rejects.toMatchObject({ code: 'Unavailable' })
  })

  it('a token that expires in the middle is renewed', async () => {
    const driver = await connect()
    proxy.meddle('PUT', /upload_id=/, { kind: 'expired-token' })
    const path = parsePath('writing/expired')
    expect(await driver.write(path, { body: inPieces(content) })).toMatchObject({ size: content.length })
  })

  it.each([-1, 1])(
    'a body with %i bytes more than announced leaves nothing, and its upload is cancelled',
    async (more) => {
      const driver = await connect()
      service.storage.forget()
      const path = parsePath(`writing/wrong ${more}`)
      const writing = driver.write(path, { body: inPieces(content), size: content.length - more })
      await expect(writing).rejects.toMatchObject({ code: 'InvalidArgument' })
      await expect(driver.stat(path)).rejects.toMatchObject({ code: 'NotFound' })
      expect(service.storage.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1)
    },
  )

  it('bytes that are not those that were announced are not kept', async () => {
    const driver = await connect()
    for (const bytes of [content, content.subarray(0, 5)]) {
      const path = parsePath('writing/other digest')
      const hashes = { md5: createHash('md5').update('something else').digest('hex') }
      const writing = driver.write(path, { body: inPieces(bytes), hashes })
      await expect(writing).rejects.toMatchObject({ code: 'InvalidArgument' })
      await expect(driver.stat(path)).rejects.toMatchObject({ code: 'NotFound' })
    }
  })

  it('an upload that is called off ends at the vendor too', async () => {
    const driver = await connect()
    service.storage.forget()
    const controller = new AbortController()
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(stream) {
        // The first chunk is on its way by now, so that there is an upload to end.
        if (sent === 12 * mebibyte) controller.abort()
        stream.enqueue(content.subarray(sent, sent + mebibyte))
        sent += mebibyte
      },
    })
    const path = parsePath('writing/called off')
    await expect(driver.write(path, { body, signal: controller.signal })).rejects.toMatchObject({ code: 'Aborted' })
    await expect(driver.stat(path)).rejects.toMatchObject({ code: 'NotFound' })
    expect(service.storage.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1)
  })

  it('a session that the vendor has ended is told as such', async () => {
    const driver = await connect()
    let sent = 0
    let session = ''
    const body = new ReadableStream<Uint8Array>({
      async pull(stream) {
        if (sent === 12 * mebibyte) {
          session = proxy.seen.findLast(({ method }) => method === 'PUT')?.url ?? ''
          await (await fetch(service.endpoint + session, { method: 'DELETE' })).arrayBuffer()
        }
        if (sent >= content.length) return stream.close()
        stream.enqueue(content.subarray(sent, sent + mebibyte))
        sent += mebibyte
      },
    })
    const writing = driver.write(parsePath('writing/ended'), { body, size: content.length })
    await expect(writing).rejects.toThrow('Send the file again')
    expect(session).toContain('upload_id=')
  })
})

describe('conditions of writes', () => {
  it('are evaluated by the vendor when the upload ends', async () => {
    const driver = await connect()
    const path = parsePath('writing/raced')
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      async pull(stream) {
        if (sent === 12 * mebibyte) await driver.write(path, { body: streamBytes(content.subarray(0, 3)) })
        if (sent >= content.length) return stream.close()
        stream.enqueue(content.subarray(sent, sent + mebibyte))
        sent += mebibyte
      },
    })
    const writing = driver.write(path, { body, size: content.length, conditions: { ifNoneMatch: ['*'] } })
    await expect(writing).rejects.toMatchObject({ code: 'PreconditionFailed' })
    expect(await driver.stat(path)).toMatchObject({ size: 3 })
  })

  it('on an etag, on several of them and on times hold or do not', async () => {
    const driver = await connect()
    const path = parsePath('writing/conditions')
    const write = (conditions: object) => driver.write(path, { body: streamBytes(content.subarray(0, 3)), conditions })
    const failed = { code: 'PreconditionFailed' }
    await expect(write({ ifMatch: ['*'] })).rejects.toMatchObject(failed)
    const { etag = '', modified = 0 } = await write({ ifNoneMatch: ['*'] })
    await expect(write({ ifNoneMatch: ['*'] })).rejects.toMatchObject(failed)
    await expect(write({ ifNoneMatch: [etag] })).rejects.toMatchObject(failed)
    await expect(write({ ifMatch: ['"1"', '"2"'] })).rejects.toMatchObject(failed)
    await expect(write({ ifUnmodifiedSince: modified - 10_000 })).rejects.toMatchObject(failed)
    const second = await write({ ifMatch: ['"1"', etag] })
    await write({ ifMatch: [second.etag ?? ''] })
    await expect(write({ ifMatch: [etag] })).rejects.toMatchObject(failed)
  })
})
