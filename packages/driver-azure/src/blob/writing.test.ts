import { randomBytes } from 'node:crypto'
import { collectBytes, type DriverWith, newDigest, parsePath, requireMethods, streamBytes } from '@filegate/core'
import type { BlobServiceClient } from '@azure/storage-blob'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Azurite, startAzurite } from '../testing/azurite.ts'
import { connectTo, independentClient } from '../testing/blob-harness.ts'
import { type FaultyProxy, faultyProxy } from '../testing/faulty-proxy.ts'
import { blockSize } from './put-blocks.ts'

const kibibyte = 1024
const content = Uint8Array.from(
  { length: 1000 * kibibyte + 7 },
  (_, place) => (place * 31 + (place >> 8) + (place >> 16)) % 256,
)
const inBlocks = { chunk_size: '64K' }

function md5Of(bytes: Uint8Array): string {
  const digest = newDigest('md5')
  digest.update(bytes)
  return digest.finish()
}

describe('writing a blob', () => {
  let server: Azurite
  let proxy: FaultyProxy
  let client: BlobServiceClient
  let endpoint: string

  beforeAll(async () => {
    server = await startAzurite()
    proxy = await faultyProxy(server.port)
    client = independentClient(server.url)
    endpoint = server.url.replace(String(server.port), String(proxy.port))
    await client.createContainer('writing')
  })
  afterAll(async () => {
    await proxy.close()
    await server.stop()
  })

  const connect = async (
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<DriverWith<'write' | 'remove' | 'copy'>> =>
    requireMethods(await connectTo(endpoint, options, { retries: { attempts: 1 } }), 'write', 'remove', 'copy')
  const blob = (name: string) => client.getContainerClient('writing').getBlockBlobClient(name)

  /** The requests that one piece of work makes. */
  async function traffic(work: () => Promise<unknown>) {
    const from = proxy.seen.length
    await work()
    return proxy.seen.slice(from)
  }

  it.each([
    ['in one request', {}, content.length],
    ['in one request, of unknown length', {}, undefined],
    ['in blocks', inBlocks, content.length],
    ['in blocks, of unknown length', inBlocks, undefined],
    ['in blocks, one after the other', { ...inBlocks, upload_concurrency: 1 }, content.length],
    ['in blocks without a checksum of the whole', { ...inBlocks, disable_checksum: true }, content.length],
  ])('comes through %s', async (label, options, size) => {
    const driver = await connect(options)
    const path = parsePath(`writing/through ${label}`)
    const written = { body: streamBytes(content), size, modified: 1_600_000_000_123.5, contentType: 'text/x-test' }
    const entry = await driver.write(path, written)
    const md5 = 'disable_checksum' in options ? undefined : md5Of(content)
    expect(entry).toMatchObject({ size: content.length, contentType: 'text/x-test', ...(md5 && { hashes: { md5 } }) })
    expect(await driver.stat(path)).toEqual(entry)
    expect(Buffer.compare(await collectBytes((await driver.read(path)).body), content)).toBe(0)
    const kept = await blob(`through ${label}`).getProperties()
    expect(kept.metadata).toEqual({ mtime: '2020-09-13T12:26:40.123500000Z' })
    expect(kept.contentMD5 && Buffer.from(kept.contentMD5).toString('hex')).toBe(md5)
    await driver.close?.()
  })

  it('sends each block with its digest, as many at once as are allowed', async () => {
    const driver = await connect({ ...inBlocks, upload_concurrency: 4 })
    const seen = await traffic(() => driver.write(parsePath('writing/digests'), { body: streamBytes(content) }))
    const blocks = seen.filter(({ url }) => url.includes('comp=block&'))
    expect(blocks).toHaveLength(16)
    expect(new Set(blocks.map(({ headers }) => headers['content-md5'])).size).toBe(16)
    expect(new Set(blocks.map(({ url }) => new URL(url, 'http://x').searchParams.get('blockid')?.length))).toEqual(
      new Set([32]),
    )
  })

  it.each([-1, 1])('a stream with %i bytes more than announced leaves nothing', async (more) => {
    for (const options of [{}, inBlocks]) {
      const driver = await connect(options)
      const path = parsePath(`writing/wrong ${more}`)
      const writing = driver.write(path, { body: streamBytes(content), size: content.length - more })
      await expect(writing).rejects.toMatchObject({ code: 'InvalidArgument' })
      await expect(driver.stat(path)).rejects.toMatchObject({ code: 'NotFound' })
    }
  })

  it('another MD5 than announced leaves what was there', async () => {
    for (const options of [{}, inBlocks]) {
      const driver = await connect(options)
      const path = parsePath('writing/announced')
      await driver.write(path, { body: streamBytes(new TextEncoder().encode('old')) })
      const writing = driver.write(path, { body: streamBytes(content), hashes: { md5: 'f'.repeat(32) } })
      await expect(writing).rejects.toMatchObject({ code: 'InvalidArgument' })
      expect(await driver.stat(path)).toMatchObject({ size: 3 })
    }
  })

  it('a block that is refused for a moment is sent again', async () => {
    const driver = await connect({ ...inBlocks, upload_concurrency: 1 })
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent === 256 * kibibyte) proxy.control.fail({ kind: 'unavailable' }, 1)
        if (sent >= content.length) return controller.close()
        controller.enqueue(content.subarray(sent, sent + 64 * kibibyte))
        sent += 64 * kibibyte
      },
    })
    const path = parsePath('writing/refused')
    await driver.write(path, { body, size: content.length })
    expect(Buffer.compare(await collectBytes((await driver.read(path)).body), content)).toBe(0)
  })

  it('blocks that another program left behind do not disturb', async () => {
    const name = Buffer.from('10 letters').toString('base64')
    await blob('left behind').stageBlock(name, 'x', 1)
    const driver = await connect(inBlocks)
    await driver.write(parsePath('writing/left behind'), { body: streamBytes(content) })
    expect(await driver.stat(parsePath('writing/left behind'))).toMatchObject({ size: content.length })
  })

  it('an upload that is aborted leaves what was there, and lets go of its body', async () => {
    const driver = await connect(inBlocks)
    const path = parsePath('writing/aborted')
    await driver.write(path, { body: streamBytes(new TextEncoder().encode('old')) })
    const abort = new AbortController()
    let cancelled = false
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1
        if (sent > 5) abort.abort()
        else controller.enqueue(randomBytes(64 * kibibyte))
      },
      cancel() {
        cancelled = true
      },
    })
    await expect(driver.write(path, { body, signal: abort.signal })).rejects.toMatchObject({ code: 'Aborted' })
    expect(cancelled).toBe(true)
    expect(await driver.stat(path)).toMatchObject({ size: 3 })
  })

  it('a tier goes with uploads and copies', async () => {
    for (const options of [{ access_tier: 'cool' }, { access_tier: 'Cool', ...inBlocks }]) {
      const driver = await connect(options)
      await driver.write(parsePath('writing/cool'), { body: streamBytes(content) })
      await driver.copy(parsePath('writing/cool'), { destination: parsePath('writing/cool too'), overwrite: true })
      for (const name of ['cool', 'cool too']) expect((await blob(name).getProperties()).accessTier).toBe('Cool')
    }
  })

  it('what lies in the archive says so, and is written anew only where that is allowed', async () => {
    const path = parsePath('writing/archived')
    await (await connect({ access_tier: 'archive' })).write(path, { body: streamBytes(content) })
    const driver = await connect()
    await expect(driver.read(path)).rejects.toMatchObject({ message: expect.stringContaining('archive tier') })
    const writing = driver.write(path, { body: streamBytes(content) })
    await expect(writing).rejects.toMatchObject({ message: expect.stringContaining('archive_tier_delete') })
    expect(await (await connect({ no_head_object: true })).stat(path)).toMatchObject({ size: content.length })
    const deleting = await connect({ archive_tier_delete: true, no_head_object: true, ...inBlocks })
    await deleting.write(path, { body: streamBytes(content) })
    expect(Buffer.compare(await collectBytes((await driver.read(path)).body), content)).toBe(0)
  })

  it('snapshots keep a blob from being deleted, or go with it, or alone', async () => {
    const path = parsePath('writing/snapped')
    const driver = await connect()
    await driver.write(path, { body: streamBytes(content) })
    await blob('snapped').createSnapshot()
    await expect(driver.remove(path)).rejects.toMatchObject({ message: expect.stringContaining('delete_snapshots') })
    await (await connect({ delete_snapshots: 'only' })).remove(path)
    await blob('snapped').createSnapshot()
    await (await connect({ delete_snapshots: 'include' })).remove(path)
    await expect(driver.stat(path)).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('a missing container is made on the first write, as public as wanted, unless that is off', async () => {
    const driver = await connect({ public_access: 'container' })
    const seen = await traffic(async () => {
      await driver.write(parsePath('made-here/a.txt'), { body: streamBytes(content) })
      await driver.write(parsePath('made-here/b.txt'), { body: streamBytes(content) })
    })
    const made = seen.filter(({ url }) => url.includes('restype=container'))
    expect(made).toHaveLength(2)
    expect(made[1]?.headers).toMatchObject({ 'x-ms-blob-public-access': 'container' })
    const stranger = await connectTo(endpoint, { account: 'devstoreaccount1', key: '' })
    const { items } = await stranger.list(parsePath('made-here'))
    expect(items.map(({ name }) => name)).toEqual(['a.txt', 'b.txt'])
    expect(Buffer.compare(await collectBytes((await stranger.read(parsePath('made-here/a.txt'))).body), content)).toBe(
      0,
    )
    await driver.remove(parsePath('made-here'))
    await driver.write(parsePath('made-here/again.txt'), { body: streamBytes(content) })
    await client.deleteContainer('made-here')
    const gone = driver.write(parsePath('made-here/c.txt'), { body: streamBytes(content) })
    await expect(gone).rejects.toMatchObject({ code: 'NotFound' })
    await driver.write(parsePath('made-here/c.txt'), { body: streamBytes(content) })
    const trusting = await connect({ no_check_container: true })
    const writing = trusting.write(parsePath('not-here/a.txt'), { body: streamBytes(content) })
    await expect(writing).rejects.toMatchObject({ code: 'NotFound' })
    await expect(driver.write(parsePath('No_Name/a'), { body: streamBytes(content) })).rejects.toThrow(
      'No container can',
    )
    await expect(driver.write(parsePath('alone'), { body: streamBytes(content) })).rejects.toThrow('container/name')
  })

  it('blocks grow where there would be too many', () => {
    expect(blockSize(undefined, 4 * 1_048_576)).toBe(4 * 1_048_576)
    expect(blockSize(200_000 * 1_048_576, 4 * 1_048_576)).toBe(4 * 1_048_576)
    expect(blockSize(200_001 * 1_048_576, 4 * 1_048_576)).toBe(5 * 1_048_576)
  })
})
