import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { type ClientRequest, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineDriver, memory, Storage } from '@filegate/core'
import { strictOptions } from '@filegate/core/options'
import type { Settings, StartOptions } from '@filegate/server'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { parseRules } from '../../packages/server/src/access/rules.ts'
import { startTusUpload } from '../../packages/server/src/testing/tus-client.ts'
import { startBodyProxy } from '../simulators/body-proxy.ts'
import { holdPort } from '../simulators/held-port.ts'
import { startHttpFaultProxy } from '../simulators/http-fault-proxy.ts'
import { killStarted, start } from './command-line.ts'
import { allowAll, type Serving, serve, type Tree } from './serving.ts'

const endings: (() => unknown)[] = []
afterEach(async () => {
  await killStarted()
  for (const end of endings.splice(0).reverse()) await end()
})

const uploads = '/api/v1/uploads'
const tus = { 'tus-resumable': '1.0.0' }
const octets = { ...tus, 'content-type': 'application/offset+octet-stream' }
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const metadata = (values: Record<string, string>): Record<string, string> => ({
  'upload-metadata': Object.entries(values)
    .map(([key, value]) => `${key} ${base64(value)}`)
    .join(','),
})
const to = (path: string): Record<string, string> => metadata({ path })
const checksum = (algorithm: string, text: string): Record<string, string> => ({
  'upload-checksum': `${algorithm} ${createHash(algorithm).update(text).digest('base64')}`,
})
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const usual = { ...allowAll, symlink: false, remote: false, thumbnails: false }

type Headers = Record<string, string>
type Body = string | Uint8Array<ArrayBuffer>

async function started(tree: Tree = {}, changes: Partial<Settings> = {}, options: StartOptions = {}) {
  const server = await serve(tree, { allow: usual, ...changes }, options)
  endings.push(() => server.stop())
  return { ...server, ...requests(server), fetch: (...asked: Parameters<Serving['fetch']>) => server.fetch(...asked) }
}

function requests(server: Pick<Serving, 'fetch' | 'folder'>) {
  const send = (method: string, path: string, headers: Headers = {}, body?: Body): Promise<Response> =>
    server.fetch(path, { method, headers, ...(body !== undefined && { body }) })
  const status = async (...sent: Parameters<typeof send>): Promise<number> => {
    const answer = await send(...sent)
    await answer.arrayBuffer()
    return answer.status
  }
  return {
    send,
    status,
    /** The URL of a new upload. */
    create: async (headers: Headers, body?: Body): Promise<string> => {
      const answer = await send('POST', uploads, { ...tus, ...headers }, body)
      if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`)
      return answer.headers.get('location') ?? ''
    },
    add: (url: string, offset: number, body: Body, headers: Headers = {}) =>
      send('PATCH', url, { ...octets, 'upload-offset': String(offset), ...headers }, body),
    offset: async (url: string, headers: Headers = {}): Promise<string | null> => {
      const answer = await send('HEAD', url, { ...tus, ...headers })
      return answer.headers.get('upload-offset')
    },
    text: (path: string): string => readFileSync(join(server.folder, path), 'utf8'),
    names: (): string[] => readdirSync(server.folder, { recursive: true }).map(String).toSorted(),
    data: join(server.folder, '../data'),
  }
}

const tree = { 'a.txt': 'old', 'folder/b.txt': 'b' }

describe('creating an upload', () => {
  type Row = readonly [status: number, headers: Headers, body: string | undefined]
  const length = { 'upload-length': '3' }
  const rows: readonly Row[] = [
    [201, { ...tus, ...length, ...to('new.txt') }, undefined],
    [201, { ...tus, ...length, ...to('/x/y/z.txt') }, undefined],
    [201, { ...tus, ...length, ...metadata({ filename: 'ü.txt', directory: 'x' }) }, undefined],
    [201, { ...tus, ...length, ...to('a.txt') }, undefined],
    [201, { ...tus, ...to('new.txt'), 'upload-defer-length': '1' }, undefined],
    [201, { ...tus, ...to('new.txt'), 'upload-length': '0' }, undefined],
    [201, { ...tus, ...length, 'upload-concat': 'partial' }, undefined],
    [201, { ...tus, ...length, ...to('new.txt'), 'if-none-match': '*' }, undefined],
    [201, { ...tus, ...length, ...to('a.txt'), 'if-match': '*' }, undefined],
    [201, { ...octets, ...length, ...to('new.txt') }, 'ab'],
    [201, { ...octets, ...length, ...to('new.txt') }, 'abc'],
    [201, { ...octets, ...length, ...to('new.txt'), ...checksum('sha1', 'abc') }, 'abc'],
    [412, { ...length, ...to('new.txt') }, undefined],
    [412, { 'tus-resumable': '0.2.2', ...length, ...to('new.txt') }, undefined],
    [412, { ...tus, ...length, ...to('a.txt'), 'if-none-match': '*' }, undefined],
    [412, { ...tus, ...length, ...to('new.txt'), 'if-match': '*' }, undefined],
    [412, { ...tus, ...length, ...to('a.txt'), 'if-match': '"other"' }, undefined],
    [400, { ...tus, ...to('new.txt') }, undefined],
    [400, { ...tus, ...length, ...to('new.txt'), 'upload-defer-length': '1' }, undefined],
    [400, { ...tus, ...to('new.txt'), 'upload-defer-length': '2' }, undefined],
    [400, { ...tus, ...to('new.txt'), 'upload-length': '-1' }, undefined],
    [400, { ...tus, ...to('new.txt'), 'upload-length': '1e3' }, undefined],
    [400, { ...tus, ...length }, undefined],
    [400, { ...tus, ...length, 'upload-metadata': 'path' }, undefined],
    [400, { ...tus, ...length, 'upload-metadata': 'path ??' }, undefined],
    [400, { ...tus, ...length, ...to('../out.txt') }, undefined],
    [400, { ...tus, ...length, ...to('folder/') }, undefined],
    [400, { ...tus, ...length, ...to('folder') }, undefined],
    [400, { ...tus, ...length, ...to('a.txt/below') }, undefined],
    [400, { ...tus, ...length, ...to('.filegate-0123456789abcdef.part') }, undefined],
    [400, { ...tus, ...length, ...to('new.txt'), 'upload-concat': 'whole' }, undefined],
    [400, { ...tus, ...to('new.txt'), 'upload-concat': 'final;' }, undefined],
    [404, { ...tus, ...to('new.txt'), 'upload-concat': `final;${uploads}/${'0'.repeat(32)}` }, undefined],
    [413, { ...tus, ...to('new.txt'), 'upload-length': '1001' }, undefined],
    [413, { ...octets, ...length, ...to('new.txt') }, 'abcd'],
    [415, { ...tus, ...length, ...to('new.txt'), 'content-type': 'text/plain' }, 'abc'],
    [460, { ...octets, ...length, ...to('new.txt'), ...checksum('md5', 'other') }, 'abc'],
    [403, { ...tus, ...length, ...to('new.txt'), 'sec-fetch-site': 'cross-site' }, undefined],
  ]

  it.each(rows)('answers %i to %o %s', async (status, headers, body) => {
    const { send, names, data } = await started(tree, { maxBodySize: 1000 })
    const answer = await send('POST', uploads, headers, body)
    expect(`${answer.status} ${await answer.text()}`).toMatch(new RegExp(`^${status} `))
    expect(answer.headers.get('tus-resumable')).toBe('1.0.0')
    expect(answer.headers.get('location') === null).toBe(status !== 201)
    if (status === 201) return
    expect(names()).toEqual(['a.txt', 'folder', 'folder/b.txt'])
    const open = join(data, 'uploads/states/anonymous/open')
    expect(existsSync(open) ? readdirSync(open) : []).toEqual([])
  })

  it('says what the server can do', async () => {
    const { send } = await started(tree, { maxBodySize: 1000, pathPrefix: '/files', cors: true })
    const answer = await send('OPTIONS', `/files${uploads}`)
    expect(answer.status).toBe(204)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'tus-version': '1.0.0',
      'tus-extension':
        'creation,creation-with-upload,creation-defer-length,expiration,checksum,termination,concatenation',
      'tus-checksum-algorithm': 'sha1,sha256,md5',
      'tus-max-size': '1000',
      'access-control-allow-headers': 'Authorization,*',
    })
    expect(answer.headers.get('access-control-expose-headers')).toContain('Upload-Offset')
  })

  it('gives an address below the path prefix', async () => {
    const { send, text } = await started(tree, { pathPrefix: '/files' })
    const answer = await send('POST', `/files${uploads}`, { ...octets, 'upload-length': '3', ...to('n.txt') }, 'abc')
    expect(answer.headers.get('location')).toMatch(/^\/files\/api\/v1\/uploads\/[0-9a-f]{32}$/)
    expect(answer.headers.get('upload-offset')).toBe('3')
    expect(text('n.txt')).toBe('abc')
  })

  it('is bounded in number for each account', async () => {
    const { create, status, data } = await started()
    const url = await create({ 'upload-length': '3', ...to('n.txt') })
    const open = join(data, 'uploads/states/anonymous/open')
    const state = readFileSync(join(open, `${url.split('/').at(-1)}.json`))
    for (let n = 1; n < 1000; n++) writeFileSync(join(open, `${String(n).padStart(32, '0')}.json`), state)
    expect(await status('POST', uploads, { ...tus, 'upload-length': '3', ...to('m.txt') })).toBe(429)
    expect(await status('DELETE', url, tus)).toBe(204)
    expect(await status('POST', uploads, { ...tus, 'upload-length': '3', ...to('m.txt') })).toBe(201)
  })
})

describe('going on with an upload', () => {
  it('takes bytes at its offset only, and puts the file in its place at the end', async () => {
    const { create, add, offset, names, text } = await started(tree)
    const url = await create({ 'upload-length': '6', ...to('x/new.txt') })
    expect((await add(url, 0, 'abc')).status).toBe(204)
    expect((await add(url, 0, 'abc')).status).toBe(409)
    expect((await add(url, 4, 'abc')).status).toBe(409)
    expect(await offset(url)).toBe('3')
    expect(names()).not.toContain('x')
    const last = await add(url, 3, 'def')
    expect([last.status, last.headers.get('upload-offset')]).toEqual([204, '6'])
    expect(text('x/new.txt')).toBe('abcdef')
    expect(names()).toEqual(['a.txt', 'folder', 'folder/b.txt', 'x', 'x/new.txt'])
    expect(await offset(url)).toBe('6')
    expect((await add(url, 6, '')).status).toBe(204)
    expect((await add(url, 6, 'g')).status).toBe(413)
  })

  type Row = readonly [status: number, headers: Headers, offset: string]
  const rows: readonly Row[] = [
    [204, {}, '5'],
    [204, checksum('sha1', 'cde'), '5'],
    [204, checksum('sha256', 'cde'), '5'],
    [204, checksum('md5', 'cde'), '5'],
    [460, checksum('sha1', 'cdx'), '2'],
    [400, { 'upload-checksum': 'crc32 YWJjZA==' }, '2'],
    [400, { 'upload-checksum': 'sha1 ?' }, '2'],
    [400, { 'upload-offset': 'two' }, '2'],
    [400, { 'upload-length': '4' }, '2'],
    [409, { 'upload-offset': '3' }, '2'],
    [412, { 'tus-resumable': '2.0.0' }, '2'],
    [415, { 'content-type': 'application/octet-stream' }, '2'],
    [403, { origin: 'http://elsewhere.example' }, '2'],
  ]
  it.each(rows)('answers %i with %o', async (status, headers, offset) => {
    const server = await started(tree)
    const url = await server.create({ ...octets, 'upload-length': '6', ...to('new.txt') }, 'ab')
    const answer = await server.add(url, 2, 'cde', headers)
    expect(answer.status).toBe(status)
    expect(await server.offset(url)).toBe(offset)
    expect((await server.add(url, Number(offset), 'abcdef'.slice(Number(offset)))).status).toBe(204)
    expect(server.text('new.txt')).toBe('abcdef')
  })

  it('does not take more than was announced', async () => {
    const { create, add, offset, names } = await started()
    const url = await create({ 'upload-length': '3', ...to('new.txt') })
    expect((await add(url, 0, 'abcd')).status).toBe(413)
    expect(await offset(url)).toBe('0')
    expect(names()).not.toContain('new.txt')
  })

  it('learns the length later', async () => {
    const { create, add, send, text } = await started(tree, { maxBodySize: 8 })
    const url = await create({ 'upload-defer-length': '1', ...to('new.txt') })
    expect((await add(url, 0, 'abc')).status).toBe(204)
    const before = await send('HEAD', url, tus)
    expect(Object.fromEntries(before.headers)).toMatchObject({ 'upload-offset': '3', 'upload-defer-length': '1' })
    expect((await add(url, 3, 'abcdef')).status).toBe(413)
    expect((await add(url, 3, 'd', { 'upload-length': '9' })).status).toBe(413)
    expect((await add(url, 3, 'd', { 'upload-length': '5' })).status).toBe(204)
    expect((await add(url, 4, 'e', { 'upload-length': '6' })).status).toBe(400)
    expect((await add(url, 4, 'e')).status).toBe(204)
    expect(text('new.txt')).toBe('abcde')
  })

  it('can be asked for by POST where a proxy lets nothing else through', async () => {
    const { create, send, status, text } = await started()
    const url = await create({ 'upload-length': '3', ...to('new.txt') })
    const headers = { ...octets, 'upload-offset': '0', 'x-http-method-override': 'PATCH' }
    expect(await status('POST', url, headers, 'abc')).toBe(204)
    expect(text('new.txt')).toBe('abc')
    const shown = await send('POST', url, { ...tus, 'x-http-method-override': 'HEAD' })
    expect(shown.headers.get('upload-offset')).toBe('3')
    expect(await status('GET', url, tus)).toBe(405)
    expect(await status('PUT', uploads, tus)).toBe(405)
  })

  it('is for one request at a time', async () => {
    const server = await started()
    const url = await server.create({ 'upload-length': '6', ...to('new.txt') })
    // Who has been silent for some seconds gives way, so no time passes.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
    onTestFinished(() => clock.mockRestore())
    const slow = slowPatch(server.origin, url, 6, { expect: '100-continue' })
    const answered = once(slow, 'response')
    // The server says so when it reads.
    await once(slow, 'continue')
    slow.write('abc')
    expect((await server.add(url, 0, 'xyz')).status).toBe(423)
    expect((await server.send('DELETE', url, tus)).status).toBe(423)
    slow.end('def')
    await answered
    expect(server.text('new.txt')).toBe('abcdef')
  })

  it('keeps what came of a body that broke off, except where there is a checksum for all of it', async () => {
    const server = await started()
    for (const headers of [{}, checksum('sha1', 'abcdef')]) {
      const url = await server.create({ 'upload-length': '6', ...to('new.txt') })
      const slow = slowPatch(server.origin, url, 6, { ...headers, expect: '100-continue' })
      slow.on('error', () => {})
      await once(slow, 'continue')
      await new Promise<void>((resolve) => slow.write('abcd', () => resolve()))
      slow.destroy()
      const came = await untilFree(server, url)
      expect(came).toBe('upload-checksum' in headers ? 0 : 4)
      expect((await server.add(url, came, 'abcdef'.slice(came))).status).toBe(204)
      expect(server.text('new.txt')).toBe('abcdef')
    }
  })
})

function slowPatch(origin: string, url: string, size: number, headers: Headers = {}): ClientRequest {
  const all = { ...octets, 'upload-offset': '0', 'content-length': String(size), ...headers }
  const sent = request(`${origin}${url}`, { method: 'PATCH', headers: all })
  sent.flushHeaders()
  return sent
}

type Server = Awaited<ReturnType<typeof started>>

/** A wrong offset changes nothing, and is answered with 409 unless somebody is at the upload. */
async function untilFree({ add, offset }: Server, url: string): Promise<number> {
  for (;;) if ((await add(url, 999, '')).status === 409) return Number(await offset(url))
}

describe('the file of an upload', () => {
  it('has the modification time and goes by the conditions that its creation named', async () => {
    const { create, add, folder, text, status, send, names } = await started(tree)
    const values = metadata({ path: 'new.txt', mtime: '1600000000' })
    const url = await create({ 'upload-length': '3', ...values, 'if-none-match': '*' })
    expect((await add(url, 0, 'ab')).status).toBe(204)
    expect(await status('PUT', '/new.txt', {}, 'came between')).toBe(201)
    expect((await add(url, 2, 'c')).status).toBe(412)
    expect(text('new.txt')).toBe('came between')
    expect(await status('HEAD', url, tus)).toBe(412)
    expect(await status('DELETE', '/new.txt')).toBe(204)
    // All bytes are there, so asking is enough.
    expect((await send('HEAD', url, tus)).headers.get('upload-offset')).toBe('3')
    expect(text('new.txt')).toBe('abc')
    expect(statSync(join(folder, 'new.txt')).mtimeMs).toBe(1_600_000_000_000)
    expect(names().filter((name) => name.includes('.part'))).toEqual([])
  })

  it('replaces content only where deleting is allowed, then as well as at first', async () => {
    const allow = { ...usual, delete: false }
    const { create, add, status, text } = await started(tree, { allow })
    expect(await status('POST', uploads, { ...tus, 'upload-length': '3', ...to('a.txt') })).toBe(403)
    const url = await create({ 'upload-length': '3', ...to('new.txt') })
    expect(await status('PUT', '/new.txt', {}, 'came between')).toBe(201)
    expect((await add(url, 0, 'abc')).status).toBe(403)
    expect(text('new.txt')).toBe('came between')
  })

  it('is found in its place by a server that died right after it got there', async () => {
    const { create, add, status, send, data, folder, text, names } = await started(
      {},
      { allow: { ...usual, delete: false } },
    )
    const url = await create({ 'upload-length': '3', ...to('new.txt'), 'if-none-match': '*' })
    expect((await add(url, 0, 'ab')).status).toBe(204)
    const [part = ''] = names()
    const state = join(data, 'uploads/states/anonymous/open', `${url.split('/').at(-1)}.json`)
    writeFileSync(join(folder, part), 'abc')
    writeFileSync(state, readFileSync(state, 'utf8').replace('"offset":2', '"offset":3'))
    linkSync(join(folder, part), join(folder, 'new.txt'))
    expect((await send('HEAD', url, tus)).headers.get('upload-offset')).toBe('3')
    expect(text('new.txt')).toBe('abc')
    expect(names()).toEqual(['new.txt'])
    expect(await status('DELETE', url, tus)).toBe(204)
  })

  it('is gone when somebody removed what had come', async () => {
    const { create, add, status, folder, names } = await started()
    const url = await create({ 'upload-length': '3', ...to('new.txt') })
    expect((await add(url, 0, 'ab')).status).toBe(204)
    const [part = ''] = names()
    rmSync(join(folder, part))
    expect((await add(url, 2, 'c')).status).toBe(410)
    expect(await status('DELETE', url, tus)).toBe(204)
  })

  it('is in the journal', async () => {
    const server = await started(tree, { allow: { ...usual, journal: true } })
    await server.create({ ...octets, 'upload-length': '3', ...to('a.txt') }, 'new')
    const answer = await server.fetch('/api/v1/files/a.txt?history')
    const { revisions } = (await answer.json()) as { revisions: { size: number }[] }
    expect(revisions.length).toBe(2)
    const past = await server.fetch('/api/v1/files/a.txt?revision=1')
    expect(await past.text()).toBe('old')
  })

  it('stays when the upload is ended, and an unfinished one leaves nothing', async () => {
    const { create, add, status, names, data } = await started()
    const done = await create({ ...octets, 'upload-length': '3', ...to('done.txt') }, 'abc')
    const open = await create({ 'upload-length': '3', ...to('open.txt') })
    expect((await add(open, 0, 'ab')).status).toBe(204)
    for (const url of [done, open]) {
      expect(await status('DELETE', url, tus)).toBe(204)
      expect(await status('HEAD', url, tus)).toBe(404)
      expect(await status('DELETE', url, tus)).toBe(404)
    }
    expect(names()).toEqual(['done.txt'])
    const left = readdirSync(join(data, 'uploads'), { recursive: true, withFileTypes: true })
    expect(left.filter((entry) => entry.isFile())).toEqual([])
  })

  it('cannot be seen before it is whole, by any name', async () => {
    const { create, add, fetch, names } = await started()
    const url = await create({ 'upload-length': '30', ...to('open.txt') })
    expect((await add(url, 0, 'needle')).status).toBe(204)
    const [part = ''] = names()
    expect(part).toMatch(/^\.filegate-.*\.part$/)
    expect((await fetch(`/${part}`)).status).toBe(404)
    const listing = await fetch('/api/v1/files/')
    expect(await listing.text()).not.toContain('.part')
    const found = await fetch('/api/v1/files/?grep=needle')
    expect(await found.text()).not.toContain('.part')
  })
})

describe('rights', () => {
  const login = (user: string): Headers => ({ authorization: `Basic ${base64(`${user}:pw`)}` })
  const accounts = parseRules(['ann:pw@/ann:rw,/shown', 'bob:pw@/ann:rw', 'eve:pw@/shown'])
  const length = { 'upload-length': '3' }

  it('are those of the path, for every method that makes one', async () => {
    const { status } = await started(tree, { accounts })
    const post = (headers: Headers): Promise<number> => status('POST', uploads, { ...tus, ...length, ...headers })
    expect(await post({ ...login('ann'), ...to('ann/new.txt') })).toBe(201)
    expect(await post({ ...login('ann'), ...to('shown/new.txt') })).toBe(403)
    expect(await post({ ...login('ann'), ...to('other/new.txt') })).toBe(403)
    expect(await post(to('ann/new.txt'))).toBe(401)
    expect(await post({ ...login('ann'), 'upload-concat': 'partial' })).toBe(201)
    expect(await post({ ...login('eve'), 'upload-concat': 'partial' })).toBe(403)
    expect(await post({ 'upload-concat': 'partial' })).toBe(401)
  })

  it('to an upload has only who made it', async () => {
    const { create, status, add, offset } = await started(tree, { accounts })
    const url = await create({ ...length, ...login('ann'), ...to('ann/new.txt') })
    const part = await create({ ...octets, ...length, ...login('ann'), 'upload-concat': 'partial' }, 'abc')
    for (const other of [login('bob'), login('eve'), {}]) {
      expect(await status('HEAD', url, { ...tus, ...other })).toBe(404)
      expect(await status('DELETE', url, { ...tus, ...other })).toBe(404)
      expect((await add(url, 0, 'abc', other)).status).toBe(404)
    }
    const joining = { ...tus, ...login('bob'), ...to('ann/joined.txt'), 'upload-concat': `final;${part}` }
    expect(await status('POST', uploads, joining)).toBe(404)
    expect(await offset(url, login('ann'))).toBe('0')
  })

  it('are needed as features, too', async () => {
    const { status } = await started(tree, { allow: { ...usual, upload: false } })
    expect(await status('POST', uploads, { ...tus, ...length, ...to('new.txt') })).toBe(403)
    expect(await status('OPTIONS', uploads)).toBe(204)
  })

  it('are given to pages of other origins that have a log-in, where --enable-cors is on', async () => {
    const elsewhere = { origin: 'http://elsewhere.example', 'sec-fetch-site': 'cross-site' }
    const headers = { ...tus, ...length, ...elsewhere, ...to('ann/new.txt'), ...login('ann') }
    const open = await started(tree, { accounts, cors: true })
    const answer = await open.send('POST', uploads, headers)
    expect(answer.status).toBe(201)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const closed = await started(tree, { accounts })
    expect(await closed.status('POST', uploads, headers)).toBe(403)
    const anonymous = await started(tree, { cors: true })
    expect(await anonymous.status('POST', uploads, headers)).toBe(403)
    const { authorization: _, ...without }: Headers = headers
    expect(await anonymous.status('POST', uploads, without)).toBe(403)
  })
})

describe('an upload that nobody goes on with', () => {
  const expired = (data: string, url: string): void => {
    const place = join(data, 'uploads/states/anonymous/open', `${url.split('/').at(-1)}.json`)
    const state: unknown = JSON.parse(readFileSync(place, 'utf8'))
    writeFileSync(place, JSON.stringify({ ...(state as object), expires: Date.now() - 1 }))
  }

  it('expires, which is said beforehand and afterwards', async () => {
    const { create, add, status, send, data } = await started()
    const answer = await send('POST', uploads, { ...tus, 'upload-length': '3', ...to('new.txt') })
    const at = Date.parse(answer.headers.get('upload-expires') ?? '')
    expect(at).toBeGreaterThan(Date.now() + 3_600_000)
    const url = await create({ 'upload-length': '3', ...to('new.txt') })
    const next = await add(url, 0, 'a')
    expect(next.headers.get('upload-expires')).toMatch(/GMT$/)
    expired(data, url)
    expect(await status('HEAD', url, tus)).toBe(410)
    expect((await add(url, 1, 'bc')).status).toBe(410)
  })

  it('is removed, and others are not', async () => {
    const first = await started()
    const { create, add, data, folder } = first
    const old = await create({ ...octets, 'upload-length': '3', ...to('old.txt') }, 'a')
    const young = await create({ ...octets, 'upload-length': '3', ...to('young.txt') }, 'a')
    expect(readdirSync(folder).length).toBe(2)
    expired(data, old)
    const again = await serve({}, { allow: usual, servedPath: folder, dataDirectory: data })
    endings.push(() => again.stop())
    const next = requests({ ...again, folder })
    while (readdirSync(folder).length > 1) await next.status('HEAD', young, tus)
    expect(await next.status('HEAD', old, tus)).toBe(410)
    expect((await add(young, 1, 'bc')).status).toBe(204)
    expect(next.text('young.txt')).toBe('abc')
  })
})

describe('an upload in parts', () => {
  it('is joined in the order that was asked for, and asking again changes nothing', async () => {
    const { create, send, status, names, text, add, data } = await started(tree, { allow: { ...usual, delete: false } })
    const partial = { ...octets, 'upload-concat': 'partial' }
    const [one, two, three] = await Promise.all(
      ['abc', '', 'def'].map((body) => create({ ...partial, 'upload-length': String(body.length) }, body)),
    )
    const concat = `final;${two} http://files.example${three} ${one} ${three}`
    const headers = { ...tus, ...to('joined.txt'), 'upload-concat': concat, 'if-none-match': '*' }
    const answer = await send('POST', uploads, headers)
    expect(answer.status).toBe(201)
    expect(text('joined.txt')).toBe('defabcdef')
    const again = await send('POST', uploads, headers)
    expect([again.status, again.headers.get('location')]).toEqual([201, answer.headers.get('location')])
    // As if the process had died before it remembered that of all parts.
    const over = join(data, 'uploads/states/anonymous/over', `${three?.split('/').at(-1)}.json`)
    const { joinedTo: _, outcome: __, ...piece } = JSON.parse(readFileSync(over, 'utf8')) as Record<string, unknown>
    writeFileSync(over, JSON.stringify(piece))
    const third = await send('POST', uploads, headers)
    expect([third.status, third.headers.get('location')]).toEqual([201, answer.headers.get('location')])
    const shown = await send('HEAD', answer.headers.get('location') ?? '', tus)
    expect(Object.fromEntries(shown.headers)).toMatchObject({
      'upload-length': '9',
      'upload-offset': '9',
      'upload-concat': concat,
    })
    expect((await add(answer.headers.get('location') ?? '', 9, '')).status).toBe(403)
    expect((await send('HEAD', one ?? '', tus)).headers.get('upload-concat')).toBe('partial')
    expect(await status('POST', uploads, { ...headers, 'upload-concat': `final;${one}` })).toBe(410)
    const four = await create({ ...partial, 'upload-length': '3' }, 'ghi')
    expect(await status('POST', uploads, { ...headers, 'upload-concat': `final;${four}` })).toBe(412)
    expect(await status('DELETE', four, tus)).toBe(204)
    expect(names()).toEqual(['a.txt', 'folder', 'folder/b.txt', 'joined.txt'])
  })

  it('is not joined of what is not complete, no part, or too much together', async () => {
    const { create, status, offset, names } = await started({}, { maxBodySize: 8 })
    const partial = { ...octets, 'upload-concat': 'partial' }
    const whole = await create({ ...octets, 'upload-length': '3', ...to('whole.txt') }, 'abc')
    const open = await create({ ...partial, 'upload-length': '5' }, 'abc')
    const done = await create({ ...partial, 'upload-length': '5' }, 'abcde')
    const join = (...urls: string[]): Promise<number> =>
      status('POST', uploads, { ...tus, ...to('joined.txt'), 'upload-concat': `final;${urls.join(' ')}` })
    expect(await join(done, open)).toBe(400)
    expect(await join(done, whole)).toBe(400)
    expect(await join(done, done)).toBe(413)
    expect([await offset(open), await offset(done)]).toEqual(['3', '5'])
    expect(names()).not.toContain('joined.txt')
    expect(await join(done)).toBe(201)
  })
})

describe('an upload to a backend', () => {
  it('is sent there when it is complete', async () => {
    const shelf = memory()
    const definition = defineDriver({
      slug: 'shelf',
      title: 'Shelf',
      category: 'object_storage',
      idPrefix: 'bck_',
      options: strictOptions({}),
      proof: 'simulator',
      connect: async () => shelf,
    })
    const allow = { ...usual, remote: true }
    const { send, status, create, add, names } = await started(
      {},
      { allow },
      { providers: { shelf: async () => definition } },
    )
    const made = await send('POST', '/api/v1/backends/shelf', { 'content-type': 'application/json' }, '{}')
    const { data } = (await made.json()) as { data: { id: string } }
    const values = metadata({ backend: data.id, path: 'x/new.bin', filetype: 'text/x-own', mtime: '1600000000' })
    const bytes = randomBytes(3_000_000)
    const url = await create({ 'upload-length': String(bytes.length), ...values })
    expect((await add(url, 0, bytes.subarray(0, 1_000_000))).status).toBe(204)
    expect(names()).toEqual([])
    expect((await add(url, 1_000_000, bytes.subarray(1_000_000))).status).toBe(204)
    const stored = new Storage(shelf)
    expect(sha256(await stored.bytes('x/new.bin'))).toBe(sha256(bytes))
    const other = metadata({ backend: 'bck_none', path: 'new.bin' })
    expect(await status('POST', uploads, { ...tus, 'upload-length': '3', ...other })).toBe(404)
  })
})

describe('tus-js-client', () => {
  const bytes = randomBytes(8_000_003)
  const options = { chunkSize: 1_000_000, metadata: { filename: 'big.bin', directory: 'x', filetype: 'a/b' } }
  const stored = (folder: string): string => sha256(readFileSync(join(folder, 'x/big.bin')))

  it('uploads through a proxy that takes only small bodies, which a PUT cannot', async () => {
    const { origin, folder } = await started()
    const proxy = await startBodyProxy(Number(new URL(origin).port), 1_000_000)
    endings.push(() => proxy.close())
    const put = await fetch(`${proxy.origin}/put.bin`, { method: 'PUT', body: bytes }).catch(() => undefined)
    expect(put?.status ?? 413).toBe(413)
    expect(proxy.refused).toBe(1)
    await startTusUpload(bytes, { ...options, endpoint: `${proxy.origin}${uploads}` }).finished
    expect(stored(folder)).toBe(sha256(bytes))
    expect(proxy.refused).toBe(1)
  })

  it('resumes where requests were cut', async () => {
    const { origin, folder, names } = await started()
    const proxy = await startBodyProxy(Number(new URL(origin).port))
    endings.push(() => proxy.close())
    proxy.cutAfter(500_000, 1, 70_000, 999_999)
    const endpoint = `${proxy.origin}${uploads}`
    await startTusUpload(bytes, { ...options, chunkSize: 3_000_000, endpoint }).finished
    expect(proxy.cuts).toBe(4)
    expect(stored(folder)).toBe(sha256(bytes))
    expect(names()).toEqual(['x', 'x/big.bin'])
  })

  it('resumes where answers were lost, at each of them', async () => {
    const { origin, folder } = await started()
    const proxy = await startHttpFaultProxy(Number(new URL(origin).port))
    endings.push(() => proxy.close())
    proxy.only('PATCH')
    proxy.add(...Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? { after: 0 } : {})))
    await startTusUpload(bytes, { ...options, endpoint: `${proxy.origin}${uploads}` }).finished
    expect(proxy.requests.length).toBeGreaterThan(4)
    expect(stored(folder)).toBe(sha256(bytes))
  })

  it('uploads in parallel, with the length said late, with the first bytes at once, and by POST only', async () => {
    const { origin, folder, names } = await started()
    const endpoint = `${origin}${uploads}`
    const ways = [
      { parallelUploads: 3 },
      { uploadLengthDeferred: true },
      { uploadDataDuringCreation: true },
      { overridePatchMethod: true },
    ]
    for (const way of ways) {
      await startTusUpload(bytes, { ...options, ...way, endpoint }).finished
      expect(stored(folder)).toBe(sha256(bytes))
      expect(names()).toEqual(['x', 'x/big.bin'])
      rmSync(join(folder, 'x'), { recursive: true })
    }
  })
})

describe.each([1, 2])('a server of %i process(es) that is killed', (workers) => {
  const bytes = randomBytes(8_000_003)

  function place() {
    const base = mkdtempSync(join(tmpdir(), 'filegate-uploads-'))
    mkdirSync(join(base, 'served'))
    endings.push(() => rmSync(base, { recursive: true, force: true }))
    const run = async (port: number) => {
      const flags = ['--data-dir', join(base, 'data'), '--allow-upload', '--workers', String(workers)]
      const server = await start([join(base, 'served'), '-b', '127.0.0.1', '-p', String(port), ...flags])
      return { ...server, origin: new URL(server.addresses[0] ?? '').origin }
    }
    return { run, folder: join(base, 'served') }
  }

  it('goes on with what the client had sent', async () => {
    const { run, folder } = place()
    const { port, release } = await holdPort()
    endings.push(release)
    const first = await run(port)
    const restarted = Promise.withResolvers<unknown>()
    const { finished } = startTusUpload(bytes, {
      endpoint: `${first.origin}${uploads}`,
      metadata: { path: 'big.bin' },
      chunkSize: 1_000_000,
      retryDelays: Array.from({ length: 1000 }, () => 20),
      onChunkComplete(_size, accepted) {
        if (accepted !== 4_000_000) return
        first.process.kill('SIGKILL')
        void first.ended.then(() => run(port)).then(restarted.resolve, restarted.reject)
      },
    })
    await Promise.all([finished, restarted.promise])
    expect(sha256(readFileSync(join(folder, 'big.bin')))).toBe(sha256(bytes))
    expect(readdirSync(folder)).toEqual(['big.bin'])
  })
})

describe('a server that is killed in the middle of a long body', () => {
  it('goes on from a point not far from where it was', async () => {
    const base = mkdtempSync(join(tmpdir(), 'filegate-uploads-'))
    endings.push(() => rmSync(base, { recursive: true, force: true }))
    const folder = join(base, 'served')
    mkdirSync(folder)
    const args = [folder, '-b', '127.0.0.1', '-p', '0', '--data-dir', join(base, 'data'), '--allow-upload']
    const first = await start(args)
    const origin = new URL(first.addresses[0] ?? '').origin
    const bytes = randomBytes(48 << 20)
    const one = requests({ fetch: (path, init) => fetch(`${origin}${path}`, init), folder })
    const url = await one.create({ 'upload-length': String(bytes.length), ...to('big.bin') })
    const slow = slowPatch(origin, url, bytes.length)
    slow.on('error', () => {})
    slow.write(bytes.subarray(0, 40 << 20))
    while (Number(await one.offset(url)) < 32 << 20);
    first.process.kill('SIGKILL')
    await first.ended
    const second = await start(args)
    const next = new URL(second.addresses[0] ?? '').origin
    const two = requests({ fetch: (path, init) => fetch(`${next}${path}`, init), folder })
    const offset = Number(await two.offset(url))
    expect(offset).toBeGreaterThanOrEqual(32 << 20)
    expect((await two.add(url, offset, bytes.subarray(offset))).status).toBe(204)
    expect(sha256(readFileSync(join(folder, 'big.bin')))).toBe(sha256(bytes))
  })
})
