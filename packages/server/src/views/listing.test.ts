import { memory, type StorageDriver } from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { everything, type Scope } from '../access/scope.ts'
import { folderApp, type ReadingApp, type ReadingAppOptions, storageApp } from '../testing/reading-app.ts'

const opened: ReadingApp[] = []
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close()
})

function serve(files: Readonly<Record<string, string | Uint8Array>>, options: ReadingAppOptions = {}): ReadingApp {
  const app = folderApp(files, options)
  opened.push(app)
  return app
}

const small = {
  'b.txt': 'bb',
  'a10.txt': 'aaaaaaaaaa',
  'a9.txt': 'a',
  'src/one.ts': '1',
  'src/two.ts': '2',
  'Empty/': '',
}

const listingShape = z.looseObject({
  paths: z.array(
    z.object({ name: z.string(), path_type: z.string(), size: z.number().nullable(), mtime: z.number().nullable() }),
  ),
})
type Listing = z.infer<typeof listingShape>

async function listed(app: ReadingApp, target: string): Promise<Listing> {
  const response = await app.get(target)
  expect(response.status).toBe(200)
  return listingShape.parse(await response.json())
}

const namesOf = ({ paths }: Listing): string[] => paths.map(({ name }) => name)

describe('the JSON of a directory', () => {
  test('has exactly the documented keys, in their order', async () => {
    const app = serve({ 'workspace/projects/README.md': 'x'.repeat(4321) })
    utimesSync(join(app.folder, 'workspace/projects/README.md'), 1_716_400_000, 1_716_400_000.123)
    const response = await app.get('/api/v1/files/workspace/projects')
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.text()).toBe(
      '{"allow_archive":true,"allow_delete":true,"allow_search":true,"allow_upload":true,"auth":false,"dir_exists":true,' +
        '"href":"/workspace/projects","kind":"Index","paths":[{"mtime":1716400000123,"name":"README.md",' +
        '"path_type":"File","revisions":null,"size":4321}],"uri_prefix":"/api/v1/files","user":null}\n',
    )
  })

  test('says of a directory how many entries it holds, and puts directories first', async () => {
    const listing = await listed(serve(small), '/?json')
    expect(listing.paths.map(({ name, path_type, size }) => [name, path_type, size])).toEqual([
      ['Empty', 'Dir', 0],
      ['src', 'Dir', 2],
      ['a9.txt', 'File', 1],
      ['a10.txt', 'File', 10],
      ['b.txt', 'File', 2],
    ])
  })

  test('calls links by what they lead to and leaves out those that lead outside', async () => {
    const app = serve(small)
    symlinkSync('src', join(app.folder, 'z-dir'))
    symlinkSync('b.txt', join(app.folder, 'z-file'))
    symlinkSync('/etc/passwd', join(app.folder, 'z-out'))
    symlinkSync('nowhere', join(app.folder, 'z-dangling'))
    const { paths } = await listed(app, '/?json')
    const links = paths.filter(({ name }) => name.startsWith('z-'))
    expect(links.map(({ name, path_type, size }) => [name, path_type, size])).toEqual([
      ['z-dir', 'SymlinkDir', 2],
      ['z-file', 'SymlinkFile', 2],
    ])
  })

  test('sorts by name, size and time in both orders', async () => {
    const app = serve(small)
    for (const [at, name] of ['a9.txt', 'b.txt', 'a10.txt'].entries())
      utimesSync(join(app.folder, name), 1000, 1000 + at)
    expect(namesOf(await listed(app, '/?json&order=desc')).slice(2)).toEqual(['b.txt', 'a10.txt', 'a9.txt'])
    expect(namesOf(await listed(app, '/?json&sort=size')).slice(2)).toEqual(['a9.txt', 'b.txt', 'a10.txt'])
    expect(namesOf(await listed(app, '/?json&sort=mtime&order=desc')).slice(2)).toEqual(['a10.txt', 'b.txt', 'a9.txt'])
  })

  test('refuses an unknown sort or order and names it', async () => {
    const app = serve(small)
    for (const query of ['sort=colour', 'order=up', 'sort=Name']) {
      const response = await app.get(`/?json&${query}`)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({
        success: false,
        error: expect.stringContaining(query.split('=')[0] ?? ''),
      })
    }
  })

  test('keeps every name as it is', async () => {
    const names = [
      '"quoted".txt',
      'back\\slash',
      'new\nline',
      '<b>',
      'é',
      '😀',
      '\u2028',
      ' lead',
      '100%',
      "it's",
      '\u0001',
    ]
    const app = serve(Object.fromEntries(names.map((name) => [name, ''])))
    expect(namesOf(await listed(app, '/?json')).toSorted()).toEqual(names.toSorted())
  })

  test('of a file is its one item', async () => {
    const response = await serve(small).get('/b.txt?json')
    expect(await response.json()).toMatchObject({ name: 'b.txt', path_type: 'File', size: 2, revisions: null })
  })

  test('carries the prefix of the server', async () => {
    const app = serve(small, { settings: { pathPrefix: '/files' } })
    expect(await listed(app, '/files/src?json')).toMatchObject({ uri_prefix: '/files/api/v1/files', href: '/src' })
  })
})

describe('which form is sent', () => {
  test('the basic surface gives a page to browsers and to whoever says nothing', async () => {
    const app = serve(small)
    for (const accept of ['text/html,application/xhtml+xml,*/*;q=0.8', '*/*']) {
      const response = await app.get('/', { headers: { accept } })
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('vary')).toBe('Accept')
    }
  })

  test('the client may prefer JSON or text', async () => {
    const app = serve(small)
    const json = await app.get('/', { headers: { accept: 'application/json, text/plain;q=0.9, */*;q=0.1' } })
    expect(json.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const text = await app.get('/', { headers: { accept: 'text/plain' } })
    expect(await text.text()).toBe('Empty/\nsrc/\na9.txt\na10.txt\nb.txt\n')
  })

  test('v1 gives JSON whatever is accepted, and text when asked for', async () => {
    const app = serve(small)
    const page = await app.get('/api/v1/files/', { headers: { accept: 'text/html' } })
    expect(page.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await (await app.get('/api/v1/files/src?simple')).text()).toBe('one.ts\ntwo.ts\n')
  })

  test('a line break in a name cannot make a second line of the text', async () => {
    expect(await (await serve({ 'a\nb': '' }).get('/?simple')).text()).toBe('a\\nb\n')
  })

  test('HEAD says the same without the rows, and refuses what GET refuses', async () => {
    const app = serve(small)
    const head = await app.get('/?json', { method: 'HEAD' })
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    expect(await head.text()).toBe('')
    expect((await app.get('/?sort=x', { method: 'HEAD' })).status).toBe(400)
  })
})

describe('what a caller may not see', () => {
  const scope: Scope = {
    ...everything,
    user: 'alice',
    unrestricted: false,
    level: (path) =>
      path.startsWith('secret') ? 'none' : path === 'src' || path.startsWith('src/') ? 'write' : 'read',
    shows: (path) => !path.startsWith('secret') && !path.endsWith('.veiled'),
  }

  test('is in no form of the listing, and does not count', async () => {
    const app = serve({ ...small, 'secret/key': '', 'x.veiled': '', 'src/y.veiled': '' }, { scope })
    for (const target of ['/?json', '/?simple', '/', '/?view', '/?json&sort=size']) {
      expect(await (await app.get(target)).text()).not.toMatch(/secret|veiled/)
    }
    const { paths } = await listed(app, '/?json')
    expect(paths.find(({ name }) => name === 'src')).toMatchObject({ size: 2 })
  })

  test('what is allowed is what is switched on and what the caller may do there', async () => {
    const app = serve(small, { scope })
    expect(await listed(app, '/?json')).toMatchObject({
      user: 'alice',
      allow_upload: false,
      allow_delete: false,
      allow_archive: true,
    })
    expect(await listed(app, '/src?json')).toMatchObject({ allow_upload: true, allow_delete: true })
  })
})

describe('large directories', () => {
  // Made once: on a busy disk that takes longer than all that is done with it.
  let app: ReadingApp
  beforeAll(() => {
    app = folderApp(Object.fromEntries(Array.from({ length: 4100 }, (_, at) => [`item-${at}.log`, 'x'.repeat(at % 7)])))
  })
  afterAll(() => app.close())

  test('are complete and in order, and the event loop turns meanwhile', async () => {
    mkdirSync(join(app.folder, 'sub'))
    writeFileSync(join(app.folder, 'sub/one'), '')
    let turns = 0
    let done = false
    const turn = (): void => {
      turns++
      if (!done) setImmediate(turn)
    }
    setImmediate(turn)
    const listing = await listed(app, '/?json').finally(() => {
      done = true
      rmSync(join(app.folder, 'sub'), { recursive: true })
    })
    expect(namesOf(listing)).toEqual(['sub', ...Array.from({ length: 4100 }, (_, at) => `item-${at}.log`)])
    expect(listing.paths[0]).toMatchObject({ path_type: 'Dir', size: 1 })
    expect(turns).toBeGreaterThan(3)
  })

  test('are the same however they are sorted, filtered or read', async () => {
    const bySize = await listed(app, '/?json&sort=size&order=desc')
    expect(bySize.paths.map(({ size }) => size)).toEqual(
      bySize.paths.map(({ size }) => size).toSorted((a, b) => Number(b) - Number(a)),
    )
    const scope: Scope = {
      ...everything,
      user: null,
      unrestricted: false,
      level: () => 'read',
      shows: (path) => path !== 'item-0.log',
    }
    const driver = openLocalDriver({ root: app.folder, followsSymlinks: false })
    const narrowed = storageApp(driver, { scope })
    opened.push({ ...narrowed, close: () => narrowed.close().then(() => driver.close()) })
    const filtered = await listed(narrowed, '/?json')
    expect(namesOf(filtered)).toEqual(namesOf(await listed(app, '/?json')).slice(1))
  })

  test('are shown page by page, with links to the next', async () => {
    const first = await (await app.get('/')).text()
    expect(first).toContain('4,100 files')
    expect(first).toContain('>item-1999.log<')
    expect(first).not.toContain('>item-2000.log<')
    expect(first).toContain('href="?sort=name&amp;order=asc&amp;page=2"')
    const last = await (await app.get('/?page=99')).text()
    expect(last).toContain('>item-4099.log<')
    expect((await app.get('/?page=0')).status).toBe(400)
  })

  test('a reader that leaves in the middle leaves nothing behind', async () => {
    const response = await app.get('/?json')
    const reader = response.body?.getReader()
    expect((await reader?.read())?.value?.length).toBeGreaterThan(0)
    await reader?.cancel()
    expect(namesOf(await listed(app, '/?json'))).toHaveLength(4100)
  })
})

describe('the page of a directory', () => {
  test('escapes every name wherever it stands, and encodes it in links', async () => {
    const name = `<img src=x onerror=alert(1)> "'&amp; #?%.txt`
    const app = serve({ [`dir/${name}`]: '' })
    const page = await (await app.get('/dir/')).text()
    expect(page).not.toContain('<img')
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt; &quot;&#39;&amp;amp; #?%.txt')
    const link = /href="([^"]+)"><svg[^>]*><use href="#i-text"/.exec(page)?.[1]?.replaceAll('&#39;', "'")
    expect(decodeURIComponent(link ?? '')).toBe(`/dir/${name}`)
    expect((await app.get(link ?? '')).status).toBe(200)
  })

  test('runs no inline script and allows none', async () => {
    const response = await serve(small).get('/')
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(await response.text()).not.toMatch(/ style=| on\w+=|<script(?![^>]* src=)/)
  })

  test('says which column sorts, and links to the other order', async () => {
    const page = await (await serve(small).get('/?sort=size&order=desc')).text()
    expect(page).toMatch(/class="number" aria-sort="descending"><a href="\?sort=size&amp;order=asc"/)
  })

  test('offers an archive only where the caller may have one', async () => {
    expect(await (await serve(small).get('/')).text()).toContain('href="?zip"')
    const { allow } = (await import('../settings.ts')).defaultSettings('/', '/')
    expect(await (await serve(small, { settings: { allow } }).get('/')).text()).not.toContain('?zip')
  })

  test('has a path home under the prefix of the server', async () => {
    const page = await (await serve(small, { settings: { pathPrefix: '/files' } }).get('/files/src/')).text()
    expect(page).toContain('<a class="home" href="/files/"')
    expect(page).toContain('href="/files/src/one.ts?view"')
  })
})

test('a storage elsewhere is listed too, with null for what it does not tell', async () => {
  const storage = memory({ 'b.txt': 'bb', 'docs/a.md': '' })
  const forgetful: StorageDriver = {
    ...storage,
    async list(path, options) {
      const { items } = await storage.list(path, options)
      return { items: items.map(({ kind, path, name }) => ({ kind, path, name })) }
    },
  }
  const app = storageApp(forgetful)
  opened.push(app)
  const { paths } = await listed(app, '/api/v1/files/')
  expect(paths.map(({ name, path_type, size }) => [name, path_type, size])).toEqual([
    ['docs', 'Dir', null],
    ['b.txt', 'File', null],
  ])
})
