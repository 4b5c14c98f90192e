import { createHash } from 'node:crypto'
import { memory, parsePath, type StorageDriver, streamBytes } from '@filegate/core'
import { afterAll, describe, expect, it } from 'vitest'
import { everything } from '../access/scope.ts'
import { readRequest } from '../http/read-request.ts'
import { createReply } from '../http/reply.ts'
import { createServices } from '../services.ts'
import { defaultSettings } from '../settings.ts'
import { currentSource } from '../sources/current.ts'
import { base64 } from './base64.ts'
import { hash } from './hash.ts'
import { lines } from './lines.ts'
import type { Surface, View } from './view.ts'

const settings = defaultSettings('/nowhere', '/nowhere')
const services = createServices(settings)
afterAll(() => services.close())

interface Asking {
  readonly method?: 'GET' | 'HEAD'
  readonly surface?: Surface
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

/** Shows a file of a storage that is no local folder. */
async function ask(view: View, storage: StorageDriver, target: string, asking: Asking = {}): Promise<Response> {
  const { method = 'GET', surface = 'basic', headers = {}, signal = null } = asking
  const [name = '', search = ''] = target.split('?')
  const path = parsePath(name)
  const raw = new Request(`http://localhost/${target}`, { method, headers, signal })
  const header = (key: string): string | undefined => raw.headers.get(key) ?? undefined
  const incoming = { request: raw, target: `/${target}`, header, hasBody: false, body: () => null }
  const request = readRequest(incoming, surface, path, `?${search}`)
  const source = currentSource(storage, undefined, path, await storage.stat(path))
  const shared = { settings, services, reply: createReply(settings), scope: everything, local: undefined }
  return view.respond({ request, source, storage, handOff: () => {}, ...shared })
}

const numbers = Array.from({ length: 300_000 }, (_, number) => `line ${number + 1}\n`)
const storage = memory({
  'long.txt': numbers.join(''),
  'empty.txt': '',
  'wide.txt': Buffer.from('\ufeffeins\r\nzw\u00f6lf\r\ndrei', 'utf16le'),
  'odd.bin': Uint8Array.from({ length: 1_000_001 }, (_, place) => place % 253),
})

/** A storage whose files change whenever they are about to be read, so often. */
function restless(times: number): StorageDriver {
  let left = times
  return {
    ...storage,
    async read(path, options) {
      if (left-- > 0) await storage.write?.(path, { body: streamBytes(Buffer.from(numbers.join(''))) })
      return storage.read(path, options)
    },
  }
}

describe('lines of a file elsewhere', () => {
  it('are those asked for, with their numbers', async () => {
    const response = await ask(lines, storage, 'long.txt?lines=200000-200002')
    expect(await response.text()).toBe('line 200000\nline 200001\nline 200002\n')
    expect(response.headers.get('x-line-range')).toBe('200000-200002')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })

  it('come from the end without reading the rest', async () => {
    const big = memory({ 'big.log': 'x'.repeat(20 * 1024 * 1024) + '\nlast but one\nlast' })
    let bytes = 0
    const counting: StorageDriver = {
      ...big,
      async read(path, options) {
        const result = await big.read(path, options)
        bytes += result.range ? result.range.end - result.range.start : Infinity
        return result
      },
    }
    const response = await ask(lines, counting, 'big.log?lines=-2')
    expect(await response.text()).toBe('last but one\nlast')
    expect(response.headers.get('x-line-range')).toBe('-2')
    expect(bytes).toBeLessThanOrEqual(65_536)
  })

  it('are streamed when they are many, and clipped at 100,000', async () => {
    const response = await ask(lines, storage, 'long.txt?lines=100-')
    expect(response.headers.get('x-line-range')).toBe('100-100099')
    const expected = numbers.slice(99, 100_099).join('')
    expect(response.headers.get('content-length')).toBe(String(expected.length))
    expect(await response.text()).toBe(expected)
  })

  it('are read again when the file changes meanwhile, and refused when it never stops', async () => {
    const settled = await ask(lines, restless(1), 'long.txt?lines=1-90000')
    expect((await settled.text()).length).toBe(numbers.slice(0, 90_000).join('').length)
    await expect(ask(lines, restless(100), 'long.txt?lines=1-90000')).rejects.toMatchObject({ code: 'Conflict' })
  })

  it('are told apart in UTF-16 too, and come in UTF-8', async () => {
    for (const wanted of ['2', '2-2', '2', '-2']) {
      const response = await ask(lines, storage, `wide.txt?lines=${wanted}`)
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(await response.text()).toBe(wanted === '-2' ? 'zw\u00f6lf\r\ndrei' : 'zw\u00f6lf\r\n')
    }
  })

  it('of an empty file are none', async () => {
    for (const wanted of ['1-10', '-5']) {
      const response = await ask(lines, storage, `empty.txt?lines=${wanted}`)
      expect([response.status, await response.text()]).toEqual([200, ''])
      expect(response.headers.get('x-total-lines')).toBe('0')
      expect(response.headers.has('x-line-range')).toBe(false)
    }
  })

  it('are not looked for once the client has gone', async () => {
    const gone = AbortSignal.abort()
    await expect(ask(lines, storage, 'long.txt?lines=5', { signal: gone })).rejects.toMatchObject({ code: 'Aborted' })
  })
})

describe('the digest of a file elsewhere', () => {
  it('is plain on the basic surface and JSON on v1', async () => {
    const expected = createHash('sha256').update(numbers.join('')).digest('hex')
    const readOnly = { ...storage }
    delete readOnly.hash
    const plain = await ask(hash, readOnly, 'long.txt?hash')
    expect(plain.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await plain.text()).toBe(expected)
    const json = await ask(hash, storage, 'long.txt?sha256', { surface: 'v1' })
    expect(json.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await json.json()).toEqual({ hash: expected, algorithm: 'sha256' })
  })
})

describe('a file elsewhere in base64', () => {
  it('is plain on the basic surface and JSON on v1, with the length told beforehand', async () => {
    const bytes = Buffer.from(Uint8Array.from({ length: 1_000_001 }, (_, place) => place % 253))
    for (const surface of ['basic', 'v1'] as const) {
      const response = await ask(base64, storage, 'odd.bin?base64', { surface })
      const text = await response.text()
      expect(response.headers.get('content-length')).toBe(String(text.length))
      const content = surface === 'v1' ? JSON.stringify({ base64: bytes.toString('base64'), size: bytes.length }) : text
      expect(text).toBe(content)
      expect(Buffer.from(surface === 'v1' ? JSON.parse(text).base64 : text, 'base64').equals(bytes)).toBe(true)
    }
  })

  it('may be of unknown size', async () => {
    const unsized: StorageDriver = {
      ...storage,
      stat: async (path) => ({ ...(await storage.stat(path)), size: undefined }) as never,
      read: async (path, options) => {
        const result = await storage.read(path, options)
        return { ...result, entry: { ...result.entry, size: undefined } }
      },
    }
    const response = await ask(base64, unsized, 'odd.bin?base64', { surface: 'v1' })
    expect(response.headers.has('content-length')).toBe(false)
    expect(await response.json()).toMatchObject({ size: 1_000_001 })
  })

  it('breaks off when fewer bytes come than were announced', async () => {
    const short: StorageDriver = {
      ...storage,
      read: async (path, options) => ({
        ...(await storage.read(path, options)),
        body: streamBytes(new Uint8Array(10)),
      }),
    }
    const response = await ask(base64, short, 'odd.bin?base64')
    await expect(response.text()).rejects.toMatchObject({ code: 'Conflict' })
  })
})
