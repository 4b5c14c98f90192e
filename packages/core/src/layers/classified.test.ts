import { describe, expect, it } from 'vitest'
import { collectBytes } from '../byte-stream.ts'
import { StorageError } from '../error.ts'
import { memory } from '../memory.ts'
import { parsePath } from '../path.ts'
import { classified } from './classified.ts'
import { faulty } from '../testing/faulty.ts'
import { pulledBody } from './pulled.ts'

const path = parsePath('docs/a.txt')
const files = { 'docs/a.txt': 'hello' }

describe('the classified layer', () => {
  it('says of a vendor error what it means and where it happened', async () => {
    const inner = faulty(memory(files))
    const cause = Object.assign(new Error('rate limit'), { vendorCode: 17 })
    inner.fail('stat', cause)
    const driver = classified((error) => (error === cause ? { code: 'Throttled', retryAfter: 3 } : undefined))(inner)
    await expect(driver.stat(path)).rejects.toMatchObject({
      code: 'Throttled',
      fate: 'temporary',
      retryAfter: 3,
      provider: 'memory',
      operation: 'stat',
      path: 'docs/a.txt',
      cause,
    })
  })

  it('falls back to the HTTP status, then to the network code, then to Unexpected', async () => {
    const inner = faulty(memory(files))
    inner.fail(
      'stat',
      Object.assign(new Error('x'), { status: 403 }),
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }),
      new Error('who knows'),
    )
    const driver = classified(() => undefined)(inner)
    for (const code of ['AccessDenied', 'Unavailable', 'Unexpected']) {
      await expect(driver.stat(path)).rejects.toMatchObject({ code })
    }
  })

  it('adds to a StorageError only what it does not say itself', async () => {
    const inner = faulty(memory(files))
    inner.fail('stat', new StorageError('Conflict', 'Two at once.', { path: 'elsewhere' }))
    await expect(classified()(inner).stat(path)).rejects.toMatchObject({
      code: 'Conflict',
      message: 'Two at once.',
      path: 'elsewhere',
      operation: 'stat',
    })
  })

  it('classifies what fails inside a body after read has resolved', async () => {
    const base = memory(files)
    const inner = {
      ...base,
      read: async () => ({
        ...(await base.read(path)),
        body: pulledBody({
          next: () => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNRESET' })),
          async cancel() {},
        }),
      }),
    }
    const { body } = await classified()(inner).read(path)
    await expect(collectBytes(body)).rejects.toMatchObject({
      code: 'Unavailable',
      fate: 'temporary',
      operation: 'read',
      path: 'docs/a.txt',
    })
  })

  it('passes whole bodies on as they are', async () => {
    const { body, entry } = await classified()(memory(files)).read(path)
    expect(entry.size).toBe(5)
    expect(Buffer.from(await collectBytes(body)).toString()).toBe('hello')
  })

  it('calls an abort of the caller Aborted, whatever the library threw', async () => {
    const inner = faulty(memory(files))
    const controller = new AbortController()
    inner.fail('stat', () => {
      controller.abort()
      return new DOMException('This operation was aborted', 'AbortError')
    })
    await expect(classified()(inner).stat(path, { signal: controller.signal })).rejects.toMatchObject({
      code: 'Aborted',
      fate: 'permanent',
    })
  })

  it('gives the reason of an abort that is a StorageError', async () => {
    const inner = faulty(memory(files))
    const reason = new StorageError('TimedOut', 'Too slow.')
    inner.fail('stat', new DOMException('aborted', 'AbortError'))
    const signal = AbortSignal.abort(reason)
    await expect(classified()(inner).stat(path, { signal })).rejects.toMatchObject({ code: 'TimedOut' })
  })

  it('takes an abort that nobody asked for to be the connection', async () => {
    const inner = faulty(memory(files))
    inner.fail('stat', new DOMException('aborted', 'AbortError'))
    await expect(classified()(inner).stat(path)).rejects.toMatchObject({ code: 'Unavailable' })
  })

  it('keeps what vendors say out of the message, since it may hold a signed URL', async () => {
    const inner = faulty(memory(files))
    inner.fail('stat', Object.assign(new Error('GET https://vendor/?sig=SECRET failed'), { status: 500 }))
    const error: unknown = await classified()(inner)
      .stat(path)
      .catch((problem: unknown) => problem)
    expect(String(error)).not.toContain('SECRET')
  })
})
