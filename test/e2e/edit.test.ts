import { parsePath } from '@filegate/core'
import { afterEach, describe, expect, it } from 'vitest'
import { allowAll, type Serving, serve } from './serving.ts'

let server: Serving
const start = async (...how: Parameters<typeof serve>): Promise<Serving> => (server = await serve(...how))
afterEach(() => server.stop())
const surfaces = ['', '/api/v1/files']
const status = async (path: string, init?: RequestInit): Promise<number> => (await server.fetch(path, init)).status
const allowing = (changes: Partial<typeof allowAll>) => ({ allow: { ...allowAll, symlink: false, ...changes } })

describe('the editor', () => {
  it('is a page that may send changes to this server, and loads nothing from elsewhere', async () => {
    await start({ 'a b.txt': 'one\r\n' })
    for (const surface of surfaces) {
      const page = await server.fetch(`${surface}/a%20b.txt?edit`)
      expect(page.status).toBe(200)
      expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'")
      const { headers } = await server.fetch('/a%20b.txt')
      const html = await page.text()
      expect(html).toContain('data-url="/a%20b.txt"')
      expect(html).toContain(`data-etag="${headers.get('etag')?.replaceAll('"', '&quot;')}"`)
      expect(html).toMatch(/<noscript>.*JavaScript/)
      expect(await status(`${surface}/a%20b.txt?edit`, { method: 'HEAD' })).toBe(200)
    }
    const html = await (await server.fetch('/a%20b.txt?edit')).text()
    for (const [, path = ''] of html.matchAll(/(?:src|href)="(\/__filegate__[^"]+)"/g))
      expect(await status(path)).toBe(200)
  })

  it('opens texts in UTF-8 up to 4 MiB, and says why it opens nothing else', async () => {
    await start({
      'binary.bin': new Uint8Array([1, 0, 2]),
      'latin.txt': new Uint8Array([0x63, 0x61, 0x66, 0xe9]),
      'large.txt': 'x'.repeat(4 * 1024 * 1024 + 1),
      'most.txt': 'x'.repeat(4 * 1024 * 1024),
      empty: '',
      'folder/': '',
    })
    for (const path of ['/binary.bin', '/latin.txt']) {
      const answer = await server.fetch(`${path}?edit`)
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('UTF-8')])
    }
    expect(await status('/large.txt?edit')).toBe(413)
    expect(await status('/most.txt?edit')).toBe(200)
    expect(await status('/empty?edit')).toBe(200)
    expect(await status('/folder?edit')).toBe(400)
    expect(await status('/most.txt?edit&view')).toBe(400)
    expect(await status('/most.txt?edit&revision=1')).toBeGreaterThanOrEqual(400)
  })

  it('offers a file that is not there to be made, where it may be', async () => {
    await start({ 'a.txt': 'a' })
    const page = await server.fetch('/new/file.txt?edit')
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('data-new')])
    expect(await status('/new/?edit')).toBe(400)
    expect(await status('/new.txt?edit=0')).toBe(404)
    expect(await status('/new/file.txt', { method: 'PUT', headers: { 'if-none-match': '*' }, body: 'x' })).toBe(201)
    expect(await status('/new/file.txt', { method: 'PUT', headers: { 'if-none-match': '*' }, body: 'y' })).toBe(412)
  })

  it('is for whoever may write there, and says why not', async () => {
    await start({ 'a.txt': 'a' }, allowing({ upload: false }))
    expect(await (await server.fetch('/a.txt?edit')).text()).toContain('--allow-upload')
    expect(await status('/a.txt?edit')).toBe(403)
    expect(await status('/none.txt?edit')).toBe(403)
    await server.stop()
    await start({ 'a.txt': 'a' }, allowing({ delete: false }))
    const refused = await server.fetch('/a.txt?edit')
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('--allow-delete')])
    expect(await status('/none.txt?edit')).toBe(200)
    await server.stop()
    await start(
      { 'public/a.txt': 'a', 'own/a.txt': 'a', 'own/.env': 'a' },
      {
        hidden: ['.*'],
        accounts: [
          { paths: [{ path: parsePath('public'), level: 'read' }] },
          { user: 'ann', password: 'secret', paths: [{ path: parsePath('own'), level: 'write' }] },
        ],
      },
    )
    const ann = { headers: { authorization: `Basic ${btoa('ann:secret')}` } }
    for (const path of ['/public/a.txt', '/public/none.txt', '/own/a.txt', '/own/none.txt', '/none']) {
      expect(await status(`${path}?edit`)).toBe(401)
    }
    expect(await status('/public/a.txt?edit', ann)).toBe(403)
    expect(await status('/own/a.txt?edit', ann)).toBe(200)
    expect(await status('/own/.env?edit', ann)).toBe(403)
    expect(await status('/own/.other?edit', ann)).toBe(403)
    expect(await (await server.fetch('/public/a.txt?view')).text()).not.toContain('?edit')
    expect(await (await server.fetch('/own/a.txt?view', ann)).text()).toContain('href="?edit"')
  })

  it('lets the second of two people know who save the same version', async () => {
    await start({ 'a.txt': 'start\n' })
    const etag = (await server.fetch('/a.txt')).headers.get('etag') ?? ''
    const save = (body: string, version: string) =>
      server.fetch('/a.txt', { method: 'PUT', headers: { 'if-match': version }, body })
    const first = await save('first\n', etag)
    expect(first.status).toBe(201)
    expect((await save('second\n', etag)).status).toBe(412)
    const theirs = await server.fetch('/a.txt')
    expect(await theirs.text()).toBe('first\n')
    // The version that a save answers with is the one that the next save builds on.
    expect(theirs.headers.get('etag')).toBe(first.headers.get('etag'))
    expect((await save('second\n', theirs.headers.get('etag') ?? '')).status).toBe(201)
    expect(await (await server.fetch('/a.txt')).text()).toBe('second\n')
  })
})
