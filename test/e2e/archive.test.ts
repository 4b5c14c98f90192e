import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { parsePath } from '@filegate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allowAll, serve, type Serving } from './serving.ts'

const fixtures = new URL('../../packages/server/src/archive/fixtures/', import.meta.url)
const fixture = (name: string): Buffer => readFileSync(new URL(name, fixtures))

const tree = {
  'project/readme.md': '# Project',
  'project/sub/größe.txt': 'grüße',
  'project/empty/': '',
  'project/.git/config': 'secret',
  'project/private/key.pem': 'secret',
  'plain.txt': 'no archive',
  'plain.7z': fixture('plain.7z'),
  'gnu.tar.gz': fixture('gnu.tar.gz'),
  'ustar.tar.xz': fixture('ustar.tar.xz'),
  'info-zip.zip': fixture('info-zip.zip'),
  'encrypted.zip': fixture('encrypted.zip'),
  'broken.zip': fixture('info-zip.zip').subarray(0, 4000),
}

let serving: Serving
beforeAll(async () => {
  serving = await serve(tree, { hidden: ['.git'] })
})
afterAll(() => serving.stop())

/** What the directory at the end of a zip archive names. */
async function namesIn(response: Response): Promise<string[]> {
  const zip = Buffer.from(await response.arrayBuffer())
  const end = zip.length - 22
  expect(zip.readUInt32LE(end)).toBe(0x06054b50)
  const names: string[] = []
  for (let at = zip.readUInt32LE(end + 16); at < end; ) {
    const [name, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field))
    names.push(zip.toString('utf8', at + 46, at + 46 + (name ?? 0)))
    at += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0)
  }
  return names
}

describe('?zip', () => {
  it.each(['/project?zip', '/api/v1/files/project?zip=true'])('sends a folder as an archive: %s', async (path) => {
    const response = await serving.fetch(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/zip')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="project.zip"')
    expect(await namesIn(response)).toEqual([
      'readme.md',
      'empty/',
      'private/',
      'private/key.pem',
      'sub/',
      'sub/größe.txt',
    ])
  })

  it('answers HEAD without making the archive', async () => {
    const response = await serving.fetch('/?zip', { method: 'HEAD' })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/zip'])
  })

  it('is for folders, and only where archives are allowed', async () => {
    expect((await serving.fetch('/plain.txt?zip')).status).toBe(400)
    const strict = await serve(tree, { allow: { ...allowAll, archive: false } })
    try {
      expect((await strict.fetch('/project?zip')).status).toBe(403)
      expect((await strict.fetch('/info-zip.zip?preview')).status).toBe(200)
    } finally {
      await strict.stop()
    }
  })

  it('holds nothing that its reader may not read', async () => {
    const paths = [{ path: parsePath('project/sub'), level: 'read' } as const]
    const limited = await serve(tree, { accounts: [{ user: 'me', password: 'pw', paths }] })
    try {
      const headers = { authorization: `Basic ${Buffer.from('me:pw').toString('base64')}` }
      expect(await namesIn(await limited.fetch('/project?zip', { headers }))).toEqual(['sub/', 'sub/größe.txt'])
      expect((await limited.fetch('/project/private?zip', { headers })).status).toBe(403)
    } finally {
      await limited.stop()
    }
  })

  it('breaks off when the client does, and goes on serving', async () => {
    const large = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`${index}.bin`, Buffer.alloc(900_000, index)]),
    )
    const loaded = await serve(large, { compress: 'none' })
    try {
      await new Promise<void>((resolve, reject) => {
        const asked = request(`${loaded.origin}/?zip`, (response) => {
          response.once('data', () => response.destroy())
          response.once('close', () => resolve())
        })
        asked.on('error', reject)
        asked.end()
      })
      expect((await namesIn(await loaded.fetch('/?zip'))).length).toBe(40)
    } finally {
      await loaded.stop()
    }
  })
})

describe('?preview', () => {
  it.each([
    ['/info-zip.zip?preview', 'zip', 990],
    ['/gnu.tar.gz?contents', 'tar.gz', null],
    ['/api/v1/files/ustar.tar.xz?preview=true', 'tar.xz', null],
    ['/api/v1/files/plain.7z?contents=1', '7z', null],
  ])('lists an archive: %s', async (path, format, packed) => {
    const response = await serving.fetch(path)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const entry = {
      path: 'tree/docs/text.txt',
      size: 15_892,
      is_dir: false,
      compressed_size: packed,
      modified_time: 1_706_933_107,
      permissions: '0644',
      entry_type: 'file',
      link_target: null,
    }
    const totals = { total_files: 6, total_size: expect.any(Number), truncated: false }
    expect(await response.json()).toMatchObject({ format, ...totals, entries: expect.arrayContaining([entry]) })
  })

  it.each(['info-zip.zip', 'gnu.tar.gz', 'ustar.tar.xz', 'plain.7z'])('gives an entry of %s', async (name) => {
    const response = await serving.fetch(`/${name}?preview=${encodeURIComponent('tree/docs/größe ✓.txt')}`)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('content-length')).toBe('8')
    expect(response.headers.get('content-disposition')).toMatch(/^inline; filename=".*"; filename\*=UTF-8''gr%C3%B6/)
    expect(await response.text()).toBe('grüße\n')
    const head = await serving.fetch(`/${name}?preview=tree/hard`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '16'])
  })

  it.each([
    ['/plain.txt?preview', 400, 'not an archive'],
    ['/project?preview', 400, ''],
    ['/broken.zip?preview', 400, 'damaged'],
    ['/info-zip.zip?preview=nothing.txt', 404, 'no entry'],
    ['/info-zip.zip?preview=tree/', 400, 'not a file'],
    ['/info-zip.zip?preview=../plain.txt', 404, 'no entry'],
    ['/encrypted.zip?preview=tree/hello.txt', 403, 'encrypted'],
    ['/missing.zip?preview', 404, ''],
    ['/info-zip.zip?preview&zip', 400, ''],
  ])('answers %s with %i', async (path, status, message) => {
    const response = await serving.fetch(path)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ success: false, error: expect.stringContaining(message) })
  })

  it('never lets a page or a script from an archive run in our origin', async () => {
    const page = await serve({ 'page/index.html': '<script>1</script>', 'page/a.js': '1', 'page/b.svg': '<svg/>' })
    try {
      const zip = Buffer.from(await (await page.fetch('/page?zip')).arrayBuffer())
      const holding = await serve({ 'a.zip': zip })
      try {
        for (const name of ['index.html', 'a.js', 'b.svg']) {
          const { headers } = await holding.fetch(`/a.zip?preview=${name}`)
          expect(headers.get('content-disposition')).toBe(`attachment; filename="${name}"`)
          expect(headers.get('content-security-policy')).toMatch(/^sandbox;/)
        }
      } finally {
        await holding.stop()
      }
    } finally {
      await page.stop()
    }
  })
})
