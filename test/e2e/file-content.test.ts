import { appendFileSync, openSync, closeSync, ftruncateSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allowAll, type Serving, serve } from './serving.ts'

const numbers = Array.from({ length: 250_000 }, (_, number) => `line ${number + 1}\n`)
const digest = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

let server: Serving
beforeAll(async () => {
  server = await serve({
    'log.txt': numbers.slice(0, 5000).join(''),
    'long.log': numbers.join(''),
    'dos.txt': 'one\r\ntwo\r\nthree',
    'empty.txt': '',
    'latin1.txt': Buffer.from('caf\xe9\nth\xe9\n', 'latin1'),
    'wide.txt': Buffer.from('\ufeffeins\r\nzw\u00f6lf\r\ndrei', 'utf16le'),
    'giant-line.txt': `first\n${'x'.repeat(70 * 1024 * 1024)}\nlast\n`,
    'folder/': '',
  })
})
afterAll(() => server.stop())

const lines = (file: string, wanted: string, init?: RequestInit): Promise<Response> =>
  server.fetch(`/api/v1/files/${file}?lines=${wanted}`, init)

describe('lines of a file', () => {
  it.each([
    ['10-50', 9, 50, '10-50'],
    ['100', 99, 100, '100-100'],
    ['-20', 4980, 5000, '4981-5000'],
    ['4990-', 4989, 5000, '4990-5000'],
    ['1-5000', 0, 5000, '1-5000'],
    ['4999-9999', 4998, 5000, '4999-5000'],
    ['-9999', 0, 5000, '1-5000'],
  ])('are delivered for %s', async (wanted, from, to, range) => {
    const response = await lines('log.txt', wanted)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('x-line-range')).toBe(range)
    expect(await response.text()).toBe(numbers.slice(from, to).join(''))
  })

  it('come with the total when the end was reached', async () => {
    expect((await lines('log.txt', '4000-6000')).headers.get('x-total-lines')).toBe('5000')
    expect((await lines('dos.txt', '-1')).headers.get('x-total-lines')).toBe('3')
  })

  it('keep their line ends, and a last line needs none', async () => {
    expect(await (await lines('dos.txt', '2-3')).text()).toBe('two\r\nthree')
    expect(await (await lines('dos.txt', '-2')).text()).toBe('two\r\nthree')
  })

  it('past the end are none, which is no error', async () => {
    const response = await lines('log.txt', '5001-')
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(response.headers.get('x-total-lines')).toBe('5000')
    expect(response.headers.has('x-line-range')).toBe(false)
    expect((await lines('empty.txt', '1-10')).headers.get('x-total-lines')).toBe('0')
  })

  it('have the character set of their bytes, which stay as they are', async () => {
    const response = await lines('latin1.txt', '2')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=windows-1252')
    expect(Buffer.from(await response.arrayBuffer()).toString('latin1')).toBe('th\xe9\n')
    expect(await (await lines('wide.txt', '2-3')).text()).toBe('zw\u00f6lf\r\ndrei')
  })

  it('are 100,000 at most', async () => {
    const response = await lines('long.log', '1-200000')
    expect(response.headers.get('x-line-range')).toBe('1-100000')
    expect(await response.text()).toBe(numbers.slice(0, 100_000).join(''))
    const tail = await lines('long.log', '-200000')
    expect(tail.headers.get('x-line-range')).toBe('150001-250000')
    expect(await tail.text()).toBe(numbers.slice(150_000).join(''))
  })

  it('are 64 MB at most: a line that does not fit comes alone and cut', async () => {
    const before = await lines('giant-line.txt', '1-3')
    expect([before.headers.get('x-line-range'), await before.text()]).toEqual(['1-1', 'first\n'])
    const cut = await lines('giant-line.txt', '2-3')
    expect(cut.headers.get('x-line-range')).toBe('2-2')
    expect((await cut.arrayBuffer()).byteLength).toBe(64 * 1024 * 1024)
  })

  it('are found anew when the file has grown', async () => {
    writeFileSync(join(server.folder, 'growing.log'), 'one\ntwo')
    expect(await (await lines('growing.log', '2-')).text()).toBe('two')
    appendFileSync(join(server.folder, 'growing.log'), ' and more\nthree\n')
    const response = await lines('growing.log', '2-')
    expect(await response.text()).toBe('two and more\nthree\n')
    expect(response.headers.get('x-total-lines')).toBe('3')
  })

  it.each(['0-5', '50-10', 'abc', '0', '-0', '1-2-3', '', '99999999999999999999'])(
    'are refused for %j',
    async (wanted) => {
      const response = await lines('log.txt', wanted)
      expect(response.status).toBe(400)
      const answer = await response.json()
      expect(answer).toMatchObject({ success: false, code: 'INVALID_PARAMETER' })
      expect(JSON.stringify(answer)).toContain('10-50')
    },
  )

  it('of a folder are refused', async () => {
    expect((await lines('folder', '1')).status).toBe(400)
  })

  it('are described by HEAD as GET delivers them', async () => {
    for (const [file, wanted] of [
      ['log.txt', '-3'],
      ['long.log', '1-90000'],
    ] as const) {
      const [head, get] = [await lines(file, wanted, { method: 'HEAD' }), await lines(file, wanted)]
      for (const name of ['content-length', 'content-type', 'x-line-range', 'x-total-lines', 'etag']) {
        expect(head.headers.get(name)).toBe(get.headers.get(name))
      }
      expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength))
      expect(await head.text()).toBe('')
    }
  })

  it('are not sent again to who has them', async () => {
    const etag = (await lines('log.txt', '1-2')).headers.get('etag') ?? ''
    expect((await lines('log.txt', '1-2', { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  it('at the end of a file of terabytes come as fast as any', async () => {
    const path = join(server.folder, 'sparse.log')
    const descriptor = openSync(path, 'w')
    ftruncateSync(descriptor, 2 ** 42)
    closeSync(descriptor)
    appendFileSync(path, '\nlast but one\nlast\n')
    const response = await lines('sparse.log', '-2')
    expect(response.headers.get('x-line-range')).toBe('-2')
    expect(await response.text()).toBe('last but one\nlast\n')
  })

  it('are no longer looked for once the client has gone, and others are not held up', async () => {
    const path = join(server.folder, 'endless.log')
    closeSync(openSync(path, 'w'))
    const descriptor = openSync(path, 'r+')
    ftruncateSync(descriptor, 2 ** 42)
    closeSync(descriptor)
    const leaving = Array.from({ length: 4 }, () => new AbortController())
    const abandoned = leaving.map(({ signal }) => lines('endless.log', '2', { signal }))
    expect(await (await lines('long.log', '240000')).text()).toBe('line 240000\n')
    for (const controller of leaving) controller.abort()
    for (const outcome of await Promise.allSettled(abandoned)) expect(outcome.status).toBe('rejected')
    utimesSync(join(server.folder, 'long.log'), new Date(), new Date())
    expect(await (await lines('long.log', '230000')).text()).toBe('line 230000\n')
  })
})

describe('the SHA-256 of a file', () => {
  it('is plain text on the basic surface and JSON on v1, by either name', async () => {
    const expected = digest(numbers.slice(0, 5000).join(''))
    for (const name of ['hash', 'sha256', 'hash=true', 'sha256=1']) {
      const plain = await server.fetch(`/log.txt?${name}`)
      expect(plain.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(await plain.text()).toBe(expected)
      const json = await server.fetch(`/api/v1/files/log.txt?${name}`)
      expect(await json.json()).toEqual({ hash: expected, algorithm: 'sha256' })
    }
    expect(await (await server.fetch('/empty.txt?hash')).text()).toBe(digest(''))
  })

  it('is new as soon as the file is, even when size and modification time stay', async () => {
    const path = join(server.folder, 'changing.txt')
    writeFileSync(path, 'one')
    const { atime, mtime } = statSync(path)
    expect(await (await server.fetch('/changing.txt?hash')).text()).toBe(digest('one'))
    writeFileSync(path, 'two')
    utimesSync(path, atime, mtime)
    expect(await (await server.fetch('/changing.txt?hash')).text()).toBe(digest('two'))
  })

  it('is described by HEAD without being computed', async () => {
    const path = join(server.folder, 'huge.bin')
    const descriptor = openSync(path, 'w')
    ftruncateSync(descriptor, 2 ** 42)
    closeSync(descriptor)
    const head = await server.fetch('/huge.bin?hash', { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '64'])
  })

  it('is refused for a folder, and where the feature is off', async () => {
    expect((await server.fetch('/folder?hash')).status).toBe(400)
    const guarded = await serve({ 'a.txt': 'a' }, { allow: { ...allowAll, hash: false } })
    try {
      const response = await guarded.fetch('/a.txt?hash')
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ code: 'ACCESS_FORBIDDEN' })
    } finally {
      await guarded.stop()
    }
  })
})

describe('a file in base64', () => {
  it('is plain text of any size on the basic surface', async () => {
    const response = await server.fetch('/giant-line.txt?base64')
    const text = await response.text()
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('content-length')).toBe(String(text.length))
    expect(digest(Buffer.from(text, 'base64'))).toBe(digest(`first\n${'x'.repeat(70 * 1024 * 1024)}\nlast\n`))
  })

  it('is JSON with its size on v1, up to 50 MB', async () => {
    const content = numbers.join('')
    const answer = await (await server.fetch('/api/v1/files/long.log?base64')).json()
    expect(answer).toEqual({ base64: Buffer.from(content).toString('base64'), size: content.length })
    const refused = await server.fetch('/api/v1/files/giant-line.txt?base64')
    expect(refused.status).toBe(413)
    expect(await refused.json()).toMatchObject({ code: 'TOO_LARGE', error: expect.stringContaining('50 MB') })
  })

  it('is empty for an empty file', async () => {
    expect(await (await server.fetch('/empty.txt?base64')).text()).toBe('')
    expect(await (await server.fetch('/api/v1/files/empty.txt?base64')).json()).toEqual({ base64: '', size: 0 })
  })
})
