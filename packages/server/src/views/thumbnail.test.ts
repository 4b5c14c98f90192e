import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultSettings } from '../settings.ts'
import { folderApp, type ReadingApp } from '../testing/reading-app.ts'

let app: ReadingApp

beforeAll(async () => {
  const picture = sharp({
    create: { width: 400, height: 200, channels: 4, background: { r: 200, g: 30, b: 30, alpha: 0.5 } },
  })
  const frame = (colour: string) =>
    sharp({ create: { width: 40, height: 40, channels: 3, background: colour } })
      .png()
      .toBuffer()
  const animation = sharp([await frame('red'), await frame('blue')], { join: { animated: true } })
  const outside =
    '<image href="file:///etc/hostname" width="9" height="9"/><image href="http://127.0.0.1:1/x.png" width="9" height="9"/>'
  const svg = (content: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40">${content}</svg>`
  const flat = await picture.clone().removeAlpha().jpeg().toBuffer()
  app = folderApp({
    'a.png': await picture.clone().png().toBuffer(),
    'a.jpg': flat,
    'turned.jpg': await picture.clone().removeAlpha().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'a.webp': await picture.clone().webp().toBuffer(),
    'a.avif': await picture.clone().avif({ effort: 0 }).toBuffer(),
    'moving.gif': await animation.gif().toBuffer(),
    'a.svg': svg(`<rect width="80" height="40" fill="#00ff00"/>${outside}`),
    'bomb.svg': `<!DOCTYPE svg [<!ENTITY a "${'x'.repeat(1000)}">${'bcdefghi'.replace(/./g, (name, at: number) => `<!ENTITY ${name} "${`&${'abcdefghi'[at]};`.repeat(20)}">`)}]>${svg('<text>&i;</text>')}`,
    'huge.png': await sharp({ create: { width: 12_000, height: 9000, channels: 3, background: 'white' } })
      .png({ compressionLevel: 1 })
      .toBuffer(),
    'broken.jpg': flat.subarray(0, 300),
    'liar.png': 'this is a text',
    'empty.png': '',
    'a.txt': 'text',
    'a.bmp': Buffer.from('BM____'),
    'dir/': '',
  })
})
afterAll(() => app.close())

async function shapeOf(target: string, init?: RequestInit) {
  const response = await app.get(target, init)
  expect(response.status).toBe(200)
  const { format, width, height, pages, compression } = await sharp(await response.bytes()).metadata()
  return {
    type: response.headers.get('content-type'),
    format: compression === 'av1' ? 'avif' : format,
    width,
    height,
    pages,
  }
}

describe('when they are switched off, as they are unless asked for', () => {
  test('the answer is 501 with a message that says how to switch them on', async () => {
    const { allow } = defaultSettings('/', '/')
    const off = folderApp({ 'a.png': '' }, { settings: { allow } })
    for (const target of ['/a.png?thumbnail', '/api/v1/files/a.png?thumbnail', '/?thumbnail']) {
      const response = await off.get(target)
      expect(response.status).toBe(501)
      expect(await response.json()).toEqual({
        success: false,
        error: expect.stringContaining('--allow-thumbnails'),
        code: 'UNSUPPORTED',
      })
    }
    await off.close()
  })
})

describe('a thumbnail', () => {
  test('fits into 320 pixels as WebP when nothing else is said', async () => {
    expect(await shapeOf('/a.png?thumbnail')).toMatchObject({
      type: 'image/webp',
      format: 'webp',
      width: 320,
      height: 160,
    })
  })

  test('is made of every kind of picture', async () => {
    for (const name of ['a.jpg', 'a.png', 'a.webp', 'a.avif', 'a.svg']) {
      expect(await shapeOf(`/${name}?thumbnail&width=40`)).toMatchObject({ width: 40, height: 20 })
    }
  })

  test('is of the first picture of an animation', async () => {
    expect(await shapeOf('/moving.gif?thumbnail')).toMatchObject({ width: 40, height: 40, pages: undefined })
    const response = await app.get('/moving.gif?thumbnail&format=png')
    const { dominant } = await sharp(await response.bytes()).stats()
    expect(dominant.r).toBeGreaterThan(200)
  })

  test('stands upright', async () => {
    expect(await shapeOf('/turned.jpg?thumbnail&size=100')).toMatchObject({ width: 50, height: 100 })
  })

  test('has the size, the fit and the format that are asked for', async () => {
    expect(await shapeOf('/a.png?thumbnail&size=100x100&fit=cover&format=jpeg')).toMatchObject({
      format: 'jpeg',
      width: 100,
      height: 100,
    })
    expect(await shapeOf('/a.png?thumbnail&size=100x100&fit=fill&format=png')).toMatchObject({
      format: 'png',
      width: 100,
      height: 100,
    })
    expect(await shapeOf('/a.png?thumbnail&width=100&height=100&fit=outside')).toMatchObject({
      width: 200,
      height: 100,
    })
    expect(await shapeOf('/a.png?thumbnail&height=50&format=avif')).toMatchObject({
      format: 'avif',
      type: 'image/avif',
      width: 100,
    })
  })

  test('is not larger than the picture', async () => {
    expect(await shapeOf('/a.png?thumbnail&size=2000')).toMatchObject({ width: 400, height: 200 })
  })

  test('has the format that the client accepts', async () => {
    const accept = { headers: { accept: 'image/png, image/jpeg;q=0.5' } }
    expect(await shapeOf('/a.jpg?thumbnail', accept)).toMatchObject({ format: 'png' })
  })

  test('is smaller at a lower quality', async () => {
    const sizes = await Promise.all(
      [10, 95].map(
        async (quality) => (await (await app.get(`/a.jpg?thumbnail&format=jpeg&quality=${quality}`)).bytes()).length,
      ),
    )
    expect(sizes[0]).toBeLessThan(sizes[1] ?? 0)
  })

  test('of a vector graphic shows nothing from outside of it', async () => {
    const response = await app.get('/a.svg?thumbnail&format=png')
    const { data } = await sharp(await response.bytes())
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const colours = new Set<string>()
    for (let at = 0; at < data.length; at += 3) colours.add(data.subarray(at, at + 3).toString('hex'))
    expect([...colours]).toEqual(['00ff00'])
  })
})

describe('what is kept', () => {
  test('is sent again without being made again, and the client need not fetch it twice', async () => {
    const target = '/a.png?thumbnail&size=77'
    const first = await app.get(target)
    const etag = first.headers.get('etag') ?? ''
    expect(first.headers.get('cache-control')).toBe('private, no-cache')
    expect(first.headers.get('vary')).toBe('Accept')
    expect(await (await app.get(target)).bytes()).toEqual(await first.bytes())
    expect((await app.get(target, { headers: { 'if-none-match': etag } })).status).toBe(304)
    expect((await app.get('/a.png?thumbnail&size=78')).headers.get('etag')).not.toBe(etag)
    expect(readdirSync(join(app.folder, '../data/thumbnails')).length).toBeGreaterThan(0)
  })
})

describe('an answer that is no thumbnail says why', () => {
  const refused: readonly (readonly [string, number, RegExp])[] = [
    ['/a.txt?thumbnail', 400, /no picture/],
    ['/liar.png?thumbnail', 400, /no picture/],
    ['/a.bmp?thumbnail', 400, /no picture/],
    ['/broken.jpg?thumbnail', 400, /no picture/],
    ['/empty.png?thumbnail', 400, /empty/],
    ['/bomb.svg?thumbnail', 400, /no picture/],
    ['/huge.png?thumbnail', 413, /pixels/],
    ['/dir?thumbnail', 400, /directory/],
    ['/missing.png?thumbnail', 404, /not found/],
    ['/a.png?thumbnail&width=0', 400, /'width'/],
    ['/a.png?thumbnail&width=2001', 400, /'width'/],
    ['/a.png?thumbnail&size=5000', 400, /'size'/],
    ['/a.png?thumbnail&size=10x', 400, /'size'/],
    ['/a.png?thumbnail&size=10&width=10', 400, /'size'/],
    ['/a.png?thumbnail&fit=stretch', 400, /'fit'/],
    ['/a.png?thumbnail&format=bmp', 400, /'format'/],
    ['/a.png?thumbnail&quality=101', 400, /'quality'/],
  ]

  test.each(refused)('%s', async (target, status, message) => {
    const response = await app.get(target)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ success: false, error: expect.stringMatching(message) })
  })
})
