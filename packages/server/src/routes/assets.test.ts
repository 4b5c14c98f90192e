import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { folderApp, type ReadingApp, type ReadingAppOptions } from '../testing/reading-app.ts'

const opened: ReadingApp[] = []
const folders: string[] = []
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function serve(options: ReadingAppOptions = {}): ReadingApp {
  const app = folderApp({ 'a.txt': '' }, options)
  opened.push(app)
  return app
}

function assetFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'filegate-'))
  folders.push(folder)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

const assetsOf = async (app: ReadingApp, page = '/'): Promise<string[]> =>
  [...(await (await app.get(page)).text()).matchAll(/(?:href|src)="([^"]*__filegate__[^"]*)"/g)].map(
    ([, url = '']) => url,
  )

test('whatever a page refers to is there, with its type, for ever', async () => {
  const app = serve({ settings: { pathPrefix: '/files' } })
  const urls = await assetsOf(app, '/files/')
  expect(urls).toHaveLength(4)
  for (const url of urls) {
    const response = await app.get(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^(?:text\/css|text\/javascript|image\/svg\+xml)/)
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  }
})

test('the address of another version is answered, but not for ever', async () => {
  const response = await serve().get('/__filegate__/000000000000/filegate.css')
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache'])
})

test('nothing else is there', async () => {
  const app = serve()
  for (const name of ['x.css', 'README.md', '', '%2e%2e/package.json', 'constructor']) {
    expect((await app.get(`/__filegate__/abc/${name}`)).status).toBe(404)
  }
})

test('files of the folder of --assets replace those of the same name and stand beside the others', async () => {
  const assets = assetFolder({ 'filegate.css': 'body{}', 'logo.png': 'png', '.secret': 'x' })
  const app = serve({ settings: { assets } })
  const [style = ''] = await assetsOf(app)
  expect(style).not.toBe((await assetsOf(serve()))[0])
  expect(await (await app.get(style)).text()).toBe('body{}')
  const base = style.slice(0, style.lastIndexOf('/'))
  expect(await (await app.get(`${base}/logo.png`)).text()).toBe('png')
  expect((await app.get(`${base}/filegate.js`)).status).toBe(200)
  expect((await app.get(`${base}/.secret`)).status).toBe(404)
})

test('a folder of --assets that is missing or too large ends the start with a message', () => {
  expect(() => serve({ settings: { assets: '/nowhere/at/all' } })).toThrow(/--assets cannot be read/)
  const assets = assetFolder({ big: 'x'.repeat(17 * 1024 * 1024) })
  symlinkSync('/nowhere', join(assets, 'dangling'))
  expect(() => serve({ settings: { assets } })).toThrow(/larger than/)
})
