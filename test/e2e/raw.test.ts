import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rawRequest, type Serving, serve } from './serving.ts'

const alphabet = 'abcdefghijklmnopqrstuvwxyz'
const large = Buffer.alloc(3_000_000, 'filegate ')

let server: Serving
beforeAll(async () => {
  server = await serve({
    'letters.txt': alphabet,
    'empty.bin': '',
    'large.bin': large,
    'page.html': '<script>document.title = "x"</script>',
    'picture.svg': '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
    'latin1.txt': Buffer.from('d\xe9j\xe0 vu', 'latin1'),
    'module.ts': 'export const one: number = 1\n',
    LICENSE: 'MIT\n',
    'unknown.zzz': Buffer.from([0, 1, 2, 3]),
    'na\u00efve \u{1F600} "quoted".txt': 'x',
    'a%2Fb.txt': 'literal percent',
    'deep/er/file.json': '{}',
  })
})
afterAll(() => server.stop())

describe('the bytes of a file', () => {
  it('are the same whether the file is small, large, or asked for twice', async () => {
    for (const path of ['/letters.txt', '/letters.txt', '/api/v1/files/letters.txt']) {
      expect(await (await server.fetch(path)).text()).toBe(alphabet)
    }
    for (let round = 0; round < 3; round++) {
      const response = await server.fetch('/large.bin')
      expect(response.headers.get('content-length')).toBe(String(large.length))
      expect(Buffer.from(await response.arrayBuffer()).equals(large)).toBe(true)
    }
  })

  it('are new as soon as the file is, even when its size stays', async () => {
    const path = join(server.folder, 'changing.txt')
    for (const content of ['one', 'two', 'six']) {
      writeFileSync(path, content)
      expect(await (await server.fetch('/changing.txt')).text()).toBe(content)
    }
  })

  it('come from an empty file as an empty body', async () => {
    const response = await server.fetch('/empty.bin')
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '0', ''])
  })

  it.each([
    ['/letters.txt', 'text/plain; charset=utf-8'],
    ['/latin1.txt', 'text/plain; charset=windows-1252'],
    ['/module.ts', 'text/plain; charset=utf-8'],
    ['/LICENSE', 'text/plain; charset=utf-8'],
    ['/unknown.zzz', 'application/octet-stream'],
    ['/page.html', 'text/html; charset=utf-8'],
    ['/deep/er/file.json', 'application/json; charset=utf-8'],
  ])('of %s are labelled %s', async (path, type) => {
    expect((await server.fetch(path)).headers.get('content-type')).toBe(type)
    expect((await server.fetch(path, { method: 'HEAD' })).headers.get('content-type')).toBe(type)
  })

  it('are found under names that need escaping', async () => {
    const name = 'na\u00efve \u{1F600} "quoted".txt'
    const response = await server.fetch(`/${encodeURIComponent(name)}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-disposition')).toBe(
      `inline; filename="na_ve _ _quoted_.txt"; filename*=UTF-8''na%C3%AFve%20%F0%9F%98%80%20%22quoted%22.txt`,
    )
    expect(await (await server.fetch('/a%252Fb.txt')).text()).toBe('literal percent')
  })
})

describe('HEAD', () => {
  it('says what GET would, without the body', async () => {
    for (const path of ['/letters.txt', '/large.bin', '/api/v1/files/letters.txt']) {
      const [head, get] = [await server.fetch(path, { method: 'HEAD' }), await server.fetch(path)]
      for (const name of ['content-type', 'content-length', 'etag', 'last-modified', 'accept-ranges']) {
        expect(head.headers.get(name), `${name} of ${path}`).toBe(get.headers.get(name))
      }
      expect(await head.text()).toBe('')
      await get.arrayBuffer()
    }
  })
})

describe('a range', () => {
  it.each([
    ['bytes=0-4', 'abcde', 'bytes 0-4/26'],
    ['bytes=20-', 'uvwxyz', 'bytes 20-25/26'],
    ['bytes=-3', 'xyz', 'bytes 23-25/26'],
    ['bytes=20-999', 'uvwxyz', 'bytes 20-25/26'],
    ['bytes=-999', alphabet, 'bytes 0-25/26'],
    ['bytes=0-1,1-3', 'abcd', 'bytes 0-3/26'],
    ['bytes=99-,0-0', 'a', 'bytes 0-0/26'],
  ])('%s gives %s', async (range, text, contentRange) => {
    const response = await server.fetch('/letters.txt', { headers: { range } })
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
      206,
      contentRange,
      text,
    ])
  })

  it.each(['bytes=10-1', 'bytes=x-y', 'lines=1-2', 'bytes=', 'bytes=1-2-3', `bytes=${'0-0,'.repeat(101)}0-0`])(
    'that makes no sense is ignored: %s',
    async (range) => {
      const response = await server.fetch('/letters.txt', { headers: { range } })
      expect([response.status, await response.text()]).toEqual([200, alphabet])
    },
  )

  it('outside the file is refused with the size and no body', async () => {
    for (const range of ['bytes=26-', 'bytes=99-100', 'bytes=-0']) {
      const response = await server.fetch('/letters.txt', { headers: { range } })
      expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
        416,
        'bytes */26',
        '',
      ])
    }
  })

  it('in the middle of a large file gives just those bytes', async () => {
    const response = await server.fetch('/large.bin', { headers: { range: 'bytes=1000000-2499999' } })
    const body = Buffer.from(await response.arrayBuffer())
    expect(body.equals(large.subarray(1_000_000, 2_500_000))).toBe(true)
  })

  it('list gives the parts as multipart/byteranges of the announced length', async () => {
    const response = await server.fetch('/letters.txt', { headers: { range: 'bytes=0-1,24-,-1,10-11' } })
    const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(response.headers.get('content-type') ?? '')?.[1]
    const body = await response.text()
    expect(response.status).toBe(206)
    expect(body.length).toBe(Number(response.headers.get('content-length')))
    const parts = body.split(`--${boundary}`).slice(1, -1)
    expect(parts.map((part) => part.split('\r\n\r\n')[1]?.trim())).toEqual(['ab', 'kl', 'yz'])
    expect(body.trimEnd().endsWith(`--${boundary}--`)).toBe(true)
  })
})

describe('conditions', () => {
  it('answer 304 and 412 as RFC 9110 orders them', async () => {
    const first = await server.fetch('/letters.txt')
    const [etag, modified] = [first.headers.get('etag') ?? '', first.headers.get('last-modified') ?? '']
    const early = new Date(0).toUTCString()
    const table: [Record<string, string>, number][] = [
      [{ 'if-none-match': etag }, 304],
      [{ 'if-none-match': `"other", W/${etag}` }, 304],
      [{ 'if-none-match': '*' }, 304],
      [{ 'if-none-match': '"other"' }, 200],
      [{ 'if-none-match': '"other"', 'if-modified-since': modified }, 200],
      [{ 'if-modified-since': modified }, 304],
      [{ 'if-modified-since': early }, 200],
      [{ 'if-modified-since': 'yesterday' }, 200],
      [{ 'if-match': etag }, 200],
      [{ 'if-match': '*' }, 200],
      [{ 'if-match': `W/${etag}` }, 412],
      [{ 'if-match': '"other"' }, 412],
      [{ 'if-unmodified-since': modified }, 200],
      [{ 'if-unmodified-since': early }, 412],
      [{ 'if-match': etag, 'if-unmodified-since': early }, 200],
      [{ range: 'bytes=0-0', 'if-range': etag }, 206],
      [{ range: 'bytes=0-0', 'if-range': '"other"' }, 200],
      [{ range: 'bytes=0-0', 'if-range': modified }, 200],
      [{ range: 'bytes=0-0', 'if-match': '"other"' }, 412],
    ]
    for (const [headers, status] of table) {
      const response = await server.fetch('/letters.txt', { headers })
      expect(response.status, JSON.stringify(headers)).toBe(status)
      const body = await response.text()
      expect(body === '', JSON.stringify(headers)).toBe(status === 304 || status === 412)
      expect(response.headers.get('etag')).toBe(status === 412 ? null : etag)
    }
  })
})

describe('parameters of a download', () => {
  it('download sends an attachment in each of its forms', async () => {
    for (const query of ['?download', '?download=1', '?download=true']) {
      const response = await server.fetch(`/letters.txt${query}`)
      expect(response.headers.get('content-disposition')).toBe('attachment; filename="letters.txt"')
      expect(await response.text()).toBe(alphabet)
    }
    expect((await server.fetch('/letters.txt?download=maybe')).status).toBe(400)
  })

  it('content-type replaces the media type, and only by a media type', async () => {
    const type = async (value: string): Promise<[number, string | null]> => {
      const response = await server.fetch(`/letters.txt?content-type=${encodeURIComponent(value)}`)
      await response.arrayBuffer()
      return [response.status, response.headers.get('content-type')]
    }
    expect(await type('text/markdown; charset=utf-8')).toEqual([200, 'text/markdown; charset=utf-8'])
    for (const value of [
      '',
      'text',
      'text/html\r\nSet-Cookie: a=b',
      'text/html;',
      'a/b/c',
      'text/html; charset=\u00e9',
    ]) {
      expect((await type(value))[0], JSON.stringify(value)).toBe(400)
    }
  })
})

describe('what could run in the origin of the server', () => {
  it('is served in a sandbox, whatever the way its type was chosen', async () => {
    for (const path of ['/page.html', '/picture.svg', '/letters.txt?content-type=text/html']) {
      const response = await server.fetch(path)
      expect(response.headers.get('content-security-policy'), path).toMatch(/^sandbox;/)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})

describe('errors', () => {
  it('come in the envelope on both surfaces', async () => {
    for (const path of ['/missing.txt', '/api/v1/files/missing.txt', '/letters.txt/below']) {
      const response = await server.fetch(path)
      expect(response.status, path).toBe(404)
      expect(await response.json()).toEqual({
        success: false,
        error: expect.stringContaining('File or directory not found: /'),
        code: 'NOT_FOUND',
      })
    }
  })

  it('name the method that is not supported', async () => {
    const response = await server.fetch('/letters.txt', { method: 'POST', body: 'x' })
    const allowed = 'GET, HEAD, PUT, PATCH, DELETE, MKCOL, COPY, MOVE, OPTIONS'
    expect([response.status, response.headers.get('allow')]).toEqual([405, allowed])
    expect(await response.json()).toMatchObject({ success: false, code: 'METHOD_NOT_ALLOWED' })
  })

  it('answer a request that does not parse', async () => {
    const answer = await rawRequest(server.origin, '/a\\b')
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body.toString())).toMatchObject({ success: false, code: 'INVALID_PATH' })
  })
})

describe('health', () => {
  it('answers with the facts of the process', async () => {
    expect(await (await server.fetch('/api/v1/files/health')).json()).toMatchObject({
      status: 'ok',
      service: 'filegate',
      pid: process.pid,
      ip: '127.0.0.1',
      memory: { rss: expect.any(Number), heap: expect.any(Number) },
    })
  })
})
