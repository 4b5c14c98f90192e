import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rawRequest, type Serving, serve } from './serving.ts'

const secret = 'the-secret-outside'
let server: Serving
let outside: string

beforeAll(async () => {
  server = await serve({ 'inside.txt': 'inside', 'folder/file.txt': 'file', 'folder/back\\slash.txt': 'backslash' })
  outside = mkdtempSync(join(tmpdir(), 'filegate-outside-'))
  writeFileSync(join(outside, 'secret.txt'), secret)
  mkdirSync(join(outside, 'dir'))
  writeFileSync(join(outside, 'dir', 'secret.txt'), secret)
  const link = (target: string, name: string): void => symlinkSync(target, join(server.folder, name))
  link(join(outside, 'secret.txt'), 'out-file')
  link(join(outside, 'dir'), 'out-dir')
  link('../'.repeat(12) + join(outside, 'secret.txt').slice(1), 'out-relative')
  link('out-file', 'out-chain')
  link('loop', 'loop')
  link('/dev/zero', 'device')
  link('nowhere', 'dangling')
  link('inside.txt', 'in-file')
  link('folder', 'in-dir')
  execFileSync('mkfifo', [join(server.folder, 'pipe')])
})
afterAll(async () => {
  await server.stop()
  rmSync(outside, { recursive: true, force: true })
})

const surfaces = ['', '/api/v1/files']
const views = [
  '',
  '?json',
  '?simple',
  '?view',
  '?stat',
  '?hash',
  '?base64',
  '?lines=1-5',
  '?grep=secret',
  '?glob=**',
  '?zip',
  '?preview',
]

describe('a path that tries to leave the served folder', () => {
  it.each([
    '/../secret.txt',
    '/folder/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%2fsecret.txt',
    '/folder%2f..%2f..%2fsecret.txt',
    '/.%2e/secret.txt',
    '/..;/secret.txt/..',
    '/%00',
    '/inside.txt%00.png',
    '/%ff%fe',
    '/%c0%ae%c0%ae/secret.txt',
    '/%zz',
    '/%',
    '/%ed%a0%80',
    '/..\\secret.txt',
  ])('%s is refused with a 400 on both surfaces', async (path) => {
    for (const surface of surfaces) {
      const answer = await rawRequest(server.origin, surface + path)
      expect(answer.status, surface).toBe(400)
      expect(JSON.parse(answer.body.toString()).success).toBe(false)
    }
  })

  it.each(['/%252e%252e/secret.txt', '/%252e%252e%252fsecret.txt', '/..%5csecret.txt', '/....//secret.txt', '/~root'])(
    '%s is just the name of nothing',
    async (path) => {
      for (const surface of surfaces) expect((await rawRequest(server.origin, surface + path)).status).toBe(404)
    },
  )

  it('may contain empty and single-dot segments, which mean nothing', async () => {
    for (const path of ['//inside.txt', '/./inside.txt', '/folder//file.txt', '/folder/./file.txt']) {
      expect((await rawRequest(server.origin, path)).status, path).toBe(200)
    }
  })

  it('may hold a backslash as a character of a name', async () => {
    expect((await rawRequest(server.origin, '/folder/back%5Cslash.txt')).body.toString()).toBe('backslash')
  })

  it('written as a whole URL is no way out either', async () => {
    expect((await rawRequest(server.origin, 'http://example.com/../secret.txt')).status).toBe(400)
    expect((await rawRequest(server.origin, 'http://example.com/inside.txt')).body.toString()).toBe('inside')
  })
})

describe('a link', () => {
  it('that leads outside, in circles, to a device or nowhere is not there, in any view', async () => {
    for (const name of [
      'out-file',
      'out-dir',
      'out-dir/secret.txt',
      'out-relative',
      'out-chain',
      'loop',
      'device',
      'dangling',
      'pipe',
    ]) {
      for (const view of views) {
        for (const surface of surfaces) {
          const answer = await rawRequest(server.origin, `${surface}/${name}${view}`)
          expect(answer.status, `${surface}/${name}${view}`).toBe(404)
          expect(answer.body.toString()).not.toContain(secret)
        }
      }
    }
  })

  it('that stays inside is followed', async () => {
    expect((await rawRequest(server.origin, '/in-file')).body.toString()).toBe('inside')
    expect((await rawRequest(server.origin, '/in-dir/file.txt')).body.toString()).toBe('file')
  })

  it('shows nothing of the outside in a listing, a search or an archive', async () => {
    for (const surface of surfaces) {
      for (const view of views) {
        const answer = await rawRequest(server.origin, `${surface}/${view}`)
        const text = answer.body.toString('latin1')
        expect(text, `${surface}/${view}`).not.toContain(secret)
        // A glob that was asked for everything may name the links themselves, never what they lead to.
        expect(text, `${surface}/${view}`).not.toContain('out-dir/secret.txt')
      }
    }
  })

  it('is followed anywhere once --allow-symlink says so', async () => {
    const free = await serve({ 'inside.txt': 'inside' }, { allow: { ...(await import('./serving.ts')).allowAll } })
    symlinkSync(join(outside, 'secret.txt'), join(free.folder, 'out-file'))
    expect(await (await free.fetch('/out-file')).text()).toBe(secret)
    await free.stop()
  })
})

describe('a header', () => {
  it('cannot be broken into two by a name or a parameter', async () => {
    writeFileSync(join(server.folder, 'a\r\nX-Injected: yes'), 'x')
    const targets = [
      '/a%0D%0AX-Injected:%20yes',
      '/inside.txt?content-type=text/plain%0D%0AX-Injected:%20yes',
      '/inside.txt?download=%0D%0AX-Injected:yes',
    ]
    for (const target of targets) {
      expect((await rawRequest(server.origin, target)).headers, target).not.toHaveProperty('x-injected')
    }
  })
})
