import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { collectBytes } from '../byte-stream.ts'
import { bodyOf, streamOf } from './node-body.ts'

describe('a stream of Node as a body', () => {
  it('gives all bytes, also of a stream that has received them already', async () => {
    const stream = new PassThrough()
    stream.end('all of it')
    expect(Buffer.from(await collectBytes(bodyOf(stream))).toString()).toBe('all of it')
  })

  it('fails where the stream was destroyed before anybody listened', async () => {
    const stream = new PassThrough()
    stream.write('the beginning')
    stream.destroy()
    await once(stream, 'close')
    await expect(collectBytes(bodyOf(stream))).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('fails with what broke the stream before anybody listened', async () => {
    const stream = new PassThrough()
    stream.once('error', () => undefined)
    stream.destroy(new Error('cut'))
    await new Promise((closed) => stream.once('close', closed))
    await expect(collectBytes(bodyOf(stream))).rejects.toThrow('cut')
  })

  it('is empty where the stream had been read to its end', async () => {
    const stream = Readable.from([Buffer.from('read')])
    stream.resume()
    await once(stream, 'end')
    expect((await collectBytes(bodyOf(stream))).length).toBe(0)
  })

  it('never passes for whole where the stream is cut in the middle', async () => {
    const stream = new PassThrough()
    const reading = collectBytes(bodyOf(stream))
    stream.write('the beginning')
    stream.destroy()
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('ends with its signal, and lets go of the stream', async () => {
    const stream = new PassThrough()
    const leaving = new AbortController()
    const reading = collectBytes(bodyOf(stream, leaving.signal))
    stream.write('the beginning')
    leaving.abort()
    await expect(reading).rejects.toMatchObject({ code: 'Aborted' })
    expect(stream.destroyed).toBe(true)
  })

  it('takes little ahead of a reader that waits', async () => {
    let made = 0
    const stream = new Readable({
      highWaterMark: 65_536,
      read() {
        made += 65_536
        this.push(made > 64 * 1_048_576 ? null : Buffer.alloc(65_536))
      },
    })
    const reader = bodyOf(stream).getReader()
    await reader.read()
    await new Promise((done) => setImmediate(done))
    expect(made).toBeLessThan(2 * 1_048_576)
    await reader.cancel()
    expect(stream.destroyed).toBe(true)
  })
})

it('what is no stream is refused', () => {
  expect(() => streamOf(undefined)).toThrow('gave no stream')
})
