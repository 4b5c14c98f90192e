import { collectBytes, parsePath, requireMethods, streamBytes } from '@filegate/core'
import { startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partSize } from './put-parts.ts'
import { faultyProxy, type FaultyProxy } from './testing/faulty-proxy.ts'
import { connectTo } from './testing/s3-harness.ts'

const mebibyte = 1_048_576
/** More than a part, and less than the emulator takes at once. */
const content = Uint8Array.from({ length: 8 * mebibyte + 7 }, (_, place) => (place * 31 + (place >> 8)) % 256)

describe('writing an object', () => {
  let proxy: FaultyProxy
  let server: Awaited<ReturnType<typeof startFauxqs>>

  beforeAll(async () => {
    server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
    proxy = await faultyProxy(server.port)
    server.createBucket('writing')
  })
  afterAll(async () => {
    await proxy.close()
    await server.stop()
  })

  const connect = async (options: Readonly<Record<string, unknown>>) => {
    const endpoint = `http://127.0.0.1:${proxy.port}/writing`
    const context = { retries: { attempts: 1 } }
    return requireMethods(
      await connectTo({ endpoint, key: 'key', secret: 'secret' }, { provider: 'Minio', ...options }, context),
      'write',
    )
  }

  it.each([
    ['Amazon, as a stream with a checksum behind it', { provider: 'AWS' }, content.length],
    ['Amazon, in parts', { provider: 'AWS', upload_cutoff: '5M' }, content.length],
    ['Amazon, of unknown length', { provider: 'AWS' }, undefined],
    ['others, as a stream', {}, content.length],
    ['others, in parts with their etags checked', { upload_cutoff: '5M' }, content.length],
    ['others, one part after the other', { upload_cutoff: '5M', upload_concurrency: 1 }, content.length],
  ])('comes through: %s', async (_label, options, size) => {
    const driver = await connect(options)
    const path = parsePath('written')
    const entry = await driver.write(path, { body: streamBytes(content), size })
    expect(entry).toMatchObject({ size: content.length })
    expect(Buffer.compare(await collectBytes((await driver.read(path)).body), content)).toBe(0)
    await driver.close?.()
  })

  it.each([-1, 1])('a stream with %i bytes more than announced leaves nothing', async (more) => {
    const driver = await connect({})
    for (const options of [{}, { upload_cutoff: '5M' }]) {
      const path = parsePath(`wrong-${more}`)
      const writer = await connect(options)
      const writing = writer.write(path, { body: streamBytes(content), size: content.length - more })
      await expect(writing).rejects.toMatchObject({ code: 'InvalidArgument' })
      await expect(driver.stat(path)).rejects.toMatchObject({ code: 'NotFound' })
    }
  })

  it('a part that is refused for a moment is sent again', async () => {
    const driver = await connect({ upload_cutoff: '5M', upload_concurrency: 1 })
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        // The first part is there by now, so that what is refused is the second.
        if (sent === 7 * mebibyte) proxy.control.fail({ kind: 'unavailable' }, 1)
        if (sent >= content.length) return controller.close()
        controller.enqueue(content.subarray(sent, sent + mebibyte))
        sent += mebibyte
      },
    })
    const path = parsePath('refused')
    await driver.write(path, { body, size: content.length })
    expect(Buffer.compare(await collectBytes((await driver.read(path)).body), content)).toBe(0)
  })

  it('parts grow where there would be too many', () => {
    expect(partSize(undefined, 5 * mebibyte, 10_000)).toBe(5 * mebibyte)
    expect(partSize(10 * mebibyte, 5 * mebibyte, 10_000)).toBe(5 * mebibyte)
    const size = 5 * 1_048_576 * mebibyte
    const grown = partSize(size, 5 * mebibyte, 10_000)
    expect(grown % mebibyte).toBe(0)
    expect(Math.ceil(size / grown)).toBeLessThanOrEqual(10_000)
  })
})
