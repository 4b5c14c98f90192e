import { memory, type ReadOptions, type StorageDriver } from '@filegate/core'
import { afterEach, describe, expect, it } from 'vitest'
import { everything, nothing } from '../access/scope.ts'
import { type ReadingApp, type ReadingAppOptions, storageApp } from '../testing/reading-app.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz'
const calls: string[] = []
const opened: ReadingApp[] = []
afterEach(async () => {
  calls.length = 0
  await Promise.all(opened.splice(0).map((app) => app.close()))
})

/** A storage that notes what it is asked. */
function noted(driver: StorageDriver): StorageDriver {
  const range = (options?: ReadOptions): string => (options?.range ? JSON.stringify(options.range) : 'all')
  return {
    provider: driver.provider,
    traits: driver.traits,
    stat: (path, options) => {
      calls.push(`stat ${path}${options?.fresh ? ' afresh' : ''}`)
      return driver.stat(path, options)
    },
    list: (path, options) => {
      calls.push(`list ${path}`)
      return driver.list(path, options)
    },
    read: (path, options) => {
      calls.push(`read ${path} ${range(options)}`)
      return driver.read(path, options)
    },
  }
}

function serve(options: ReadingAppOptions = {}): ReadingApp {
  const backend = noted(memory({ 'letters.txt': letters, 'docs/page.html': '<b>x</b>' }))
  const app = storageApp(memory({ 'here.txt': 'here' }), { backends: { bck_1: backend }, ...options })
  opened.push(app)
  return app
}

const at = (path: string, query = ''): string => `/api/v1/files/${path}?backend=bck_1${query}`

describe('a file of a backend', () => {
  it('costs one request, whole or in part', async () => {
    const app = serve()
    expect(await (await app.get(at('letters.txt'))).text()).toBe(letters)
    const part = await app.get(at('letters.txt'), { headers: { range: 'bytes=2-4' } })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/26', 'cde'])
    const tail = await app.get(at('letters.txt'), { headers: { range: 'bytes=-2' } })
    expect([tail.headers.get('content-range'), await tail.text()]).toEqual(['bytes 24-25/26', 'yz'])
    expect(calls).toEqual([
      'read letters.txt all',
      'read letters.txt {"start":2,"end":5}',
      'read letters.txt {"suffix":2}',
    ])
  })

  it('is a part of an unknown whole where the backend does not say how long the file is', async () => {
    const driver = memory({ 'letters.txt': letters })
    const unsized: StorageDriver = {
      ...driver,
      async read(path, options) {
        const result = await driver.read(path, options)
        return { ...result, entry: { ...result.entry, size: undefined } }
      },
    }
    const app = serve({ backends: { bck_1: unsized } })
    const part = await app.get(at('letters.txt'), { headers: { range: 'bytes=2-4' } })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/*', 'cde'])
  })

  it('carries conditions to the backend with the read itself', async () => {
    const app = serve()
    const etag = (await app.get(at('letters.txt'))).headers.get('etag') ?? ''
    calls.length = 0
    const same = await app.get(at('letters.txt'), { headers: { 'if-none-match': etag } })
    expect([same.status, same.headers.get('etag'), await same.text()]).toEqual([304, etag, ''])
    expect((await app.get(at('letters.txt'), { headers: { 'if-match': '"other"' } })).status).toBe(412)
    expect(calls).toEqual(['read letters.txt all', 'read letters.txt all'])
  })

  it('answers what one request cannot with as many as it takes', async () => {
    const app = serve()
    const outside = await app.get(at('letters.txt'), { headers: { range: 'bytes=99-' } })
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */26'])
    const several = await app.get(at('letters.txt'), { headers: { range: 'bytes=0-0,5-5' } })
    expect(several.headers.get('content-type')).toContain('multipart/byteranges')
    const etag = several.headers.get('etag') ?? ''
    const resumed = await app.get(at('letters.txt'), { headers: { range: 'bytes=1-1', 'if-range': etag } })
    expect([resumed.status, await resumed.text()]).toEqual([206, 'b'])
    const head = await app.get(at('letters.txt'), { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '26'])
  })

  it('cannot act in our origin', async () => {
    const page = await serve().get(at('docs/page.html'))
    expect(page.headers.get('content-security-policy')).toMatch(/^sandbox/)
  })
})

describe('every view', () => {
  it.each([
    ['letters.txt', '&lines=1', letters],
    ['letters.txt', '&hash', '71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73'],
    ['letters.txt', '&base64', Buffer.from(letters).toString('base64')],
    ['letters.txt', '&stat', '"size":26'],
    ['', '', '"name":"letters.txt"'],
    ['docs', '', '"name":"page.html"'],
    ['', '&glob=**/*.html', '/docs/page.html'],
    ['', '&grep=klm', '"column_byte":10'],
    ['docs', '&zip', 'PK'],
  ])('works on a backend: /%s %s', async (path, query, expected) => {
    const response = await serve().get(at(path, query))
    expect(await response.text()).toContain(expected)
    expect(response.status).toBe(200)
  })
})

describe('the page of a file of a backend', () => {
  it('leads to the file there, not to one of that name here', async () => {
    const page = await (await serve().get(at('letters.txt', '&view'))).text()
    expect(page).toContain('href="/api/v1/files/letters.txt?backend=bck_1"')
    expect(page).toContain('href="/api/v1/files/letters.txt?backend=bck_1&amp;download"')
    expect(page).toContain('href="?backend=bck_1&amp;stat"')
    expect(page).not.toContain('href="/letters.txt')
  })
})

describe('the page of a folder of a backend', () => {
  it('leads to what is there: pages of folders and files, archives, other orders', async () => {
    const app = serve()
    const page = await (await app.get(at('', '&view'))).text()
    const links = [...page.matchAll(/href="([^"#]*)"/g)].map(([, url = '']) => url.replaceAll('&amp;', '&'))
    const own = links.filter((url) => !url.includes('/_filegate') && !url.startsWith('/__'))
    expect(own.filter((url) => url.startsWith('?') || url.startsWith('/api/v1/files/'))).toEqual(own)
    for (const url of own) expect(url).toContain('backend=bck_1')
    expect(own).toContain('/api/v1/files/docs/?backend=bck_1&view')
    expect(own).toContain('/api/v1/files/docs/?backend=bck_1&zip')
    expect(own).toContain('/api/v1/files/letters.txt?backend=bck_1&view')
    expect(own).toContain('?backend=bck_1&view&sort=size&order=desc')
    const inside = await app.get('/api/v1/files/docs/?backend=bck_1&view')
    expect(inside.headers.get('content-type')).toContain('text/html')
    expect(await inside.text()).toContain('href="/api/v1/files/?backend=bck_1&amp;view"')
  })
})

describe('a request for a backend', () => {
  it('asks afresh when the client says no-cache', async () => {
    await serve().get(at('letters.txt', '&stat'), { headers: { 'cache-control': 'no-cache' } })
    expect(calls).toEqual(['stat letters.txt afresh'])
  })

  it('is refused where there are none, on the basic surface, for an unknown one, and without rights', async () => {
    const status = async (target: string, options: ReadingAppOptions = {}): Promise<number> =>
      (await serve(options).get(target)).status
    expect(await status(at('letters.txt'), { backends: undefined })).toBe(403)
    expect(await status('/letters.txt?backend=bck_1')).toBe(400)
    expect(await status('/api/v1/files/letters.txt?backend=bck_2')).toBe(404)
    const stranger = { ...everything, user: 'bob', onBackend: () => nothing('bob') }
    expect(await status(at('letters.txt'), { scope: stranger })).toBe(403)
    expect(calls).toEqual([])
  })

  it('is judged by the one spelling of its path, whatever was typed', async () => {
    const level = (path: string) => (path === 'a\u{201b}\u{201b}b' ? 'none' : 'read')
    const onBackend = () => ({ ...everything, user: 'bob', unrestricted: false, level })
    const app = serve({ scope: { ...everything, onBackend } })
    for (const spelling of ['a\u{201b}b', 'a\u{201b}\u{201b}b']) {
      expect((await app.get(at(encodeURIComponent(spelling)))).status).toBe(403)
    }
    expect((await app.get(at('a%E2%80%9Bc'))).status).toBe(404)
    expect(calls.filter((call) => call.includes('b'))).toEqual([])
  })
})
