import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { parsePath } from '@filegate/core'
import type { Settings } from '@filegate/server'
import { afterEach, describe, expect, it } from 'vitest'
import { allowAll, type Serving, serve, type Tree } from './serving.ts'

const servers: Serving[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())))

const v1 = '/api/v1/files'

/** As with `--allow-all`. */
const usual = { ...allowAll, symlink: false, chmod: false, chown: false, remote: false, thumbnails: false }

async function started(tree: Tree = {}, changes: Partial<Settings> = {}) {
  const server = await serve(tree, { allow: usual, ...changes })
  servers.push(server)
  const send = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<Response> => server.fetch(path, { method, headers, ...(body !== undefined && { body }) })
  return {
    ...server,
    send,
    status: async (...request: Parameters<typeof send>): Promise<number> => {
      const answer = await send(...request)
      await answer.arrayBuffer()
      return answer.status
    },
    text: (path: string): string => readFileSync(join(server.folder, path), 'utf8'),
    names: (): string[] => readdirSync(server.folder, { recursive: true }).map(String).toSorted(),
  }
}

const tree = { 'a.txt': '0123456789', 'folder/b.txt': 'b', 'folder/deep/c.txt': 'c', 'empty.txt': '' }
const md5 = (text: string): string => createHash('md5').update(text).digest('base64')

type Row = readonly [
  status: number,
  method: string,
  path: string,
  headers?: Record<string, string>,
  body?: string | Uint8Array<ArrayBuffer>,
]

/** Each on the same tree, which is made anew. */
const basic: readonly Row[] = [
  [201, 'PUT', '/new.txt', {}, 'new'],
  [201, 'PUT', '/x/y/z.txt', {}, 'new'],
  [201, 'PUT', '/a.txt', {}, 'new'],
  [403, 'PUT', '/folder', {}, 'new'],
  [400, 'PUT', '/folder/', {}, 'new'],
  [400, 'PUT', '/a.txt/below.txt', {}, 'new'],
  [400, 'PUT', '/..%2fa.txt', {}, 'new'],
  [400, 'PUT', `/${'n'.repeat(300)}`, {}, 'new'],
  [400, 'PUT', '/.filegate-0123456789abcdef.part', {}, 'new'],
  [400, 'PUT', '/a.txt?backend=x', {}, 'new'],
  [400, 'PUT', '/a.txt', { 'content-range': 'bytes 0-2/10' }, 'new'],
  [415, 'PUT', '/a.txt', { 'content-encoding': 'gzip' }, 'new'],
  [412, 'PUT', '/a.txt', { 'if-none-match': '*' }, 'new'],
  [201, 'PUT', '/new.txt', { 'if-none-match': '*' }, 'new'],
  [412, 'PUT', '/new.txt', { 'if-match': '*' }, 'new'],
  [412, 'PUT', '/a.txt', { 'if-match': '"other"' }, 'new'],
  [412, 'PUT', '/a.txt', { 'if-unmodified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' }, 'new'],
  [201, 'PUT', '/a.txt', { 'content-md5': md5('new') }, 'new'],
  [422, 'PUT', '/a.txt', { 'content-md5': md5('other') }, 'new'],
  [400, 'PUT', '/a.txt', { 'content-md5': '??' }, 'new'],
  [403, 'PUT', '/a.txt', { 'sec-fetch-site': 'cross-site' }, 'new'],
  [201, 'PUT', '/new.txt?touch'],
  [204, 'PUT', '/a.txt?touch'],
  [400, 'PUT', '/folder?touch'],
  [204, 'PATCH', '/a.txt', { 'x-update-range': 'append' }, 'more'],
  [204, 'PATCH', '/a.txt', { 'x-update-range': 'bytes=2-4' }, 'abc'],
  [400, 'PATCH', '/a.txt', { 'x-update-range': 'bytes=2-4' }, 'abcd'],
  [400, 'PATCH', '/a.txt', { 'x-update-range': 'bytes=2-4/10' }, 'abc'],
  [400, 'PATCH', '/a.txt', { 'x-update-range': 'bytes=4-2' }, 'abc'],
  [416, 'PATCH', '/a.txt', { 'x-update-range': 'bytes=8-10' }, 'abc'],
  [416, 'PATCH', '/a.txt', { 'x-update-range': 'bytes=11-' }, 'abc'],
  [204, 'PATCH', '/a.txt', { 'x-update-range': 'bytes=10-' }, 'abc'],
  [412, 'PATCH', '/a.txt', { 'x-update-range': 'append', 'if-match': '"other"' }, 'abc'],
  [422, 'PATCH', '/a.txt', { 'x-update-range': 'append', 'content-md5': md5('other') }, 'abc'],
  [404, 'PATCH', '/missing', { 'x-update-range': 'append' }, 'abc'],
  [405, 'PATCH', '/a.txt', {}, 'abc'],
  [200, 'PATCH', '/a.txt', { 'content-type': 'application/json' }, '{"name":"renamed.txt"}'],
  [403, 'PATCH', '/a.txt', { 'content-type': 'application/json' }, '{"chown":"nobody"}'],
  [204, 'DELETE', '/a.txt'],
  [204, 'DELETE', '/folder'],
  [404, 'DELETE', '/missing'],
  [400, 'DELETE', '/'],
  [412, 'DELETE', '/a.txt', { 'if-match': '"other"' }],
  [201, 'MKCOL', '/made'],
  [405, 'MKCOL', '/folder'],
  [405, 'MKCOL', '/a.txt'],
  [409, 'MKCOL', '/x/y'],
  [409, 'MKCOL', '/a.txt/x'],
  [415, 'MKCOL', '/made', {}, 'body'],
  [201, 'COPY', '/a.txt', { destination: '/copy.txt' }],
  [201, 'COPY', '/folder', { destination: '/copy' }],
  [201, 'COPY', '/folder', { destination: '/copy', depth: '0' }],
  [204, 'COPY', '/a.txt', { destination: '/folder/b.txt' }],
  [204, 'COPY', '/folder/deep', { destination: '/a.txt' }],
  [412, 'COPY', '/a.txt', { destination: '/folder/b.txt', overwrite: 'F' }],
  [201, 'COPY', '/a.txt', { destination: '/copy.txt', overwrite: 'F' }],
  [400, 'COPY', '/a.txt', { destination: '/copy.txt', overwrite: 'X' }],
  [400, 'COPY', '/a.txt'],
  [400, 'COPY', '/folder', { destination: '/folder/deep/in' }],
  [403, 'COPY', '/a.txt', { destination: '/a.txt' }],
  [409, 'COPY', '/a.txt', { destination: '/x/y.txt' }],
  [502, 'COPY', '/a.txt', { destination: 'http://other.example/copy.txt' }],
  [404, 'COPY', '/missing', { destination: '/copy.txt' }],
  [201, 'MOVE', '/a.txt', { destination: '/moved%20here.txt' }],
  [204, 'MOVE', '/a.txt', { destination: '/folder' }],
  [201, 'MOVE', '/folder', { destination: '/moved' }],
  [412, 'MOVE', '/folder', { destination: '/a.txt', overwrite: 'F' }],
  [400, 'MOVE', '/folder', { destination: '/moved', depth: '0' }],
  [400, 'MOVE', '/folder/deep', { destination: '/folder' }],
  [405, 'POST', '/a.txt', {}, 'x'],
  [405, 'PROPFIND', '/a.txt'],
]

const json = { 'content-type': 'application/json' }

const api: readonly Row[] = [
  [201, 'PUT', '/new.txt', {}, 'new'],
  [200, 'PUT', '/a.txt?append', {}, 'new'],
  [200, 'PUT', '/new.txt?append=true', {}, 'new'],
  [200, 'PUT', '/append/x/new.txt', {}, 'new'],
  [400, 'PUT', '/folder', {}, 'new'],
  [403, 'PUT', '/new.txt?chmod=600', {}, 'new'],
  [400, 'PUT', '/new.txt?append&touch', {}, 'new'],
  [400, 'PUT', '/new.txt?mkdir'],
  [201, 'POST', '/made/deep?mkdir'],
  [409, 'POST', '/a.txt?mkdir'],
  [200, 'POST', '/a.txt?copy_to=/x/copy.txt'],
  [200, 'POST', '/copy/a.txt?copy_to=/copy.txt'],
  [400, 'POST', '/copy/a.txt?move_to=/copy.txt'],
  [409, 'POST', '/a.txt?copy_to=/folder/b.txt'],
  [200, 'POST', '/a.txt?copy_to=/folder/b.txt&overwrite'],
  [404, 'POST', '/missing?copy_to=/copy.txt'],
  [400, 'POST', '/a.txt?copy_to=copy.txt'],
  [400, 'POST', '/a.txt?copy_to=/../copy.txt'],
  [403, 'POST', '/a.txt?copy_to=other:/copy.txt'],
  [200, 'POST', '/a.txt?move_to=/moved.txt'],
  [200, 'POST', '/move/folder?move_to=/moved'],
  [409, 'POST', '/a.txt?move_to=/folder/b.txt'],
  [412, 'POST', '/a.txt?move_to=/moved.txt', { 'if-match': '"other"' }],
  [400, 'POST', '/a.txt'],
  [400, 'POST', '/a.txt?mkdir&copy_to=/x'],
  [501, 'POST', '/a.txt?extract'],
  [501, 'POST', '/folder?download_from=http://x/'],
  [200, 'PATCH', '/a.txt', json, '{"name":"b.txt"}'],
  [200, 'PATCH', '/a.txt', json, '{"move_to":"/x/b.txt"}'],
  [400, 'PATCH', '/a.txt', json, '{"name":"../b.txt"}'],
  [400, 'PATCH', '/a.txt', json, '{"name":"b","chmod":"600"}'],
  [400, 'PATCH', '/a.txt', json, '{}'],
  [400, 'PATCH', '/a.txt'],
  [400, 'PATCH', '/a.txt', { 'content-type': 'text/plain' }, '{"name":"b.txt"}'],
  [204, 'PATCH', '/a.txt', { 'x-update-range': 'append' }, 'x'],
  [403, 'PATCH', '/a.txt?chmod=600'],
  [403, 'PATCH', '/chmod/a.txt?chmod=600'],
  [204, 'DELETE', '/folder'],
  [404, 'DELETE', '/missing'],
  [201, 'PUT', '/new.txt?touch'],
]

const shown = (path: string): string => (path.length > 60 ? `${path.slice(0, 20)}...` : path)

describe('on the basic surface', () => {
  it.each(basic.map(([status, method, path, ...rest]) => ({ status, method, path, rest, name: shown(path) })))(
    '$method $name with $rest is answered with $status',
    async ({ status, method, path, rest }) => {
      const server = await started(tree)
      const before = server.names()
      expect(await server.status(method, path, ...rest)).toBe(status)
      expect(server.names().filter((name) => name.includes('.filegate-'))).toEqual([])
      if (status < 400) return
      expect(server.names()).toEqual(before)
      expect(server.text('a.txt')).toBe('0123456789')
    },
  )
})

describe('by the API', () => {
  it.each(api.map(([status, method, path, ...rest]) => ({ status, method, path, rest })))(
    '$method $path with $rest is answered with $status',
    async ({ status, method, path, rest }) => {
      const server = await started(tree)
      const before = server.names()
      expect(await server.status(method, v1 + path, ...rest)).toBe(status)
      if (status < 400) return
      expect(server.names()).toEqual(before)
      expect(server.text('a.txt')).toBe('0123456789')
    },
  )

  it('tells what it did', async () => {
    const server = await started(tree, { allow: { ...usual, chmod: true, chown: true } })
    const answer = async (...request: Parameters<typeof server.send>): Promise<unknown> =>
      (await server.send(...request)).json()
    expect(await answer('PUT', `${v1}/new.txt?chmod=640`, {}, 'new')).toMatchObject({
      success: true,
      path: '/new.txt',
      size: 3,
      mode: '0640',
    })
    expect(statSync(join(server.folder, 'new.txt')).mode & 0o777).toBe(0o640)
    expect(await answer('PUT', `${v1}/new.txt?append`, {}, 'er')).toEqual({
      success: true,
      path: '/new.txt',
      new_size: 5,
    })
    expect(await answer('POST', `${v1}/a.txt?copy_to=/x/y.txt`)).toEqual({
      success: true,
      source: '/a.txt',
      destination: '/x/y.txt',
    })
    expect(await answer('PATCH', `${v1}/chmod/a.txt?chmod=600`)).toEqual({
      success: true,
      path: '/a.txt',
      mode: '0600',
    })
    expect(await answer('PATCH', `${v1}/a.txt?chmod=999`)).toMatchObject({ code: 'INVALID_PARAMETER' })
    expect(await answer('PATCH', `${v1}/a.txt?chown=root`)).toMatchObject({ code: 'INVALID_PARAMETER' })
    expect(server.text('x/y.txt')).toBe('0123456789')
  })
})

describe('a file that was written', () => {
  it('is there at once with its own etag, whatever was remembered of the one before', async () => {
    const server = await started({ 'a.txt': 'aaaa' })
    const headers = { 'x-oc-mtime': '1600000000' }
    const etags = new Set<string | null>()
    for (const text of ['bbbb', 'cccc', 'dddd', 'eeee', 'ffff']) {
      await server.status('PUT', '/a.txt', headers, text)
      for (let time = 0; time < 2; time++) {
        const answer = await server.fetch('/a.txt')
        expect(await answer.text()).toBe(text)
        etags.add(answer.headers.get('etag'))
        expect(answer.headers.get('last-modified')).toBe('Sun, 13 Sep 2020 12:26:40 GMT')
      }
      const sha256 = createHash('sha256').update(text).digest('hex')
      expect(await (await server.fetch('/a.txt?hash')).text()).toBe(sha256)
    }
    expect(etags.size).toBe(5)
  })

  it('can be older than the clocks of computers', async () => {
    const server = await started({})
    await server.status('PUT', '/a.txt', { 'x-oc-mtime': '-1000000000' }, 'text')
    expect((await server.fetch('/a.txt')).headers.get('last-modified')).toBe('Sun, 24 Apr 1938 22:13:20 GMT')
  })

  it('is replaced by one of two who saw the same, and kept for the other', async () => {
    const server = await started({ 'a.txt': 'first' })
    const etag = (await server.fetch('/a.txt')).headers.get('etag') ?? ''
    expect(await server.status('PUT', '/a.txt', { 'if-match': etag }, 'second')).toBe(201)
    expect(await server.status('PUT', '/a.txt', { 'if-match': etag }, 'third')).toBe(412)
    expect(server.text('a.txt')).toBe('second')
  })

  it('may be no larger than --max-body-size, announced or not', async () => {
    const server = await started({}, { maxBodySize: 1000 })
    expect(await server.status('PUT', '/a.txt', {}, 'x'.repeat(1001))).toBe(413)
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(600)) })
    const init: RequestInit & { duplex: string } = { method: 'PUT', body: endless, duplex: 'half' }
    expect((await server.fetch('/b.txt', init)).status).toBe(413)
    expect(server.names()).toEqual([])
  })
})

/** A request of which the first half has been sent, and seen by the server. */
async function halfSent(server: Awaited<ReturnType<typeof started>>, head: string, body = 'x'.repeat(300_000)) {
  const { hostname, port } = new URL(server.origin)
  const socket = connect(Number(port), hostname)
  socket.write(`${head}\r\nHost: ${hostname}:${port}\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.write(body.slice(0, body.length / 2))
  return {
    answer: answer.toString(),
    socket,
    async finish(): Promise<string> {
      socket.write(body.slice(body.length / 2))
      const [rest] = (await once(socket, 'data')) as [Buffer]
      socket.destroy()
      return rest.toString().slice(9, 12)
    },
  }
}

describe('two who change the same', () => {
  it('one wins whole, and the other is told at once', async () => {
    const server = await started({ 'a.txt': 'old' })
    const first = await halfSent(server, 'PUT /a.txt HTTP/1.1')
    expect(await server.status('PUT', '/a.txt', {}, 'second')).toBe(423)
    expect(await server.status('PATCH', '/a.txt', { 'x-update-range': 'append' }, 'second')).toBe(423)
    const other = await server.send('PUT', `${v1}/a.txt`, {}, 'second')
    expect([other.status, await other.json()]).toEqual([409, expect.objectContaining({ code: 'FILE_PATH_BUSY' })])
    expect(server.text('a.txt')).toBe('old')
    expect(await server.status('PUT', '/b.txt', {}, 'beside')).toBe(201)
    expect(await first.finish()).toBe('201')
    expect(server.text('a.txt')).toBe('x'.repeat(300_000))
    expect(await server.status('PUT', '/a.txt', {}, 'second')).toBe(201)
  })

  it('a folder is not removed, moved or replaced under an upload', async () => {
    const server = await started({ 'folder/a.txt': 'old', 'other/b.txt': 'b' })
    const upload = await halfSent(server, 'PUT /folder/new.txt HTTP/1.1')
    expect(await server.status('DELETE', '/folder')).toBe(423)
    expect(await server.status('MOVE', '/folder', { destination: '/moved' })).toBe(423)
    expect(await server.status('COPY', '/other', { destination: '/folder' })).toBe(423)
    expect(await server.status('DELETE', '/folder/a.txt')).toBe(204)
    expect(await upload.finish()).toBe('201')
    expect(await server.status('DELETE', '/folder')).toBe(204)
  })

  it('a link does not make two places of one', async () => {
    const server = await started({ 'real/a.txt': 'old' })
    symlinkSync('real', join(server.folder, 'way'))
    const upload = await halfSent(server, 'PUT /way/a.txt HTTP/1.1')
    expect(await server.status('PUT', '/real/a.txt', {}, 'second')).toBe(423)
    expect(await upload.finish()).toBe('201')
  })

  it('who leaves in the middle leaves the old file, no other, and the way free', async () => {
    const server = await started({ 'a.txt': 'old' })
    const upload = await halfSent(server, 'PUT /a.txt HTTP/1.1')
    upload.socket.destroy()
    await expect.poll(() => server.status('PUT', '/a.txt', {}, 'next')).toBe(201)
    expect(server.names()).toEqual(['a.txt'])
  })
})

describe('who may change what', () => {
  const grant = (path: string, level: 'read' | 'write') => ({ path: parsePath(path), level })
  const bob = { authorization: `Basic ${btoa('bob:pw')}` }
  const accounts = [
    {
      user: 'bob',
      password: 'pw',
      paths: [grant('team', 'write'), grant('team/fixed', 'read'), grant('shared', 'read')],
    },
    { paths: [grant('public', 'read')] },
  ]
  const files = {
    'team/a.txt': 'a',
    'team/fixed/f.txt': 'f',
    'shared/s.txt': 's',
    'secret/x.txt': 'x',
    'public/p.txt': 'p',
  }

  it('is said by the paths of the rules', async () => {
    const server = await started(files, { accounts })
    const rows: readonly Row[] = [
      [201, 'PUT', '/team/new.txt', bob, 'new'],
      [401, 'PUT', '/team/new2.txt', {}, 'new'],
      [401, 'PUT', '/public/p.txt', {}, 'new'],
      [403, 'PUT', '/shared/s.txt', bob, 'new'],
      [403, 'PUT', '/team/fixed/f.txt', bob, 'new'],
      [403, 'PUT', '/secret/x.txt', bob, 'new'],
      [403, 'PUT', '/new.txt', bob, 'new'],
      [403, 'DELETE', '/team', bob],
      [403, 'MOVE', '/team', { ...bob, destination: '/team2' }],
      [403, 'MOVE', '/team/a.txt', { ...bob, destination: '/shared/a.txt' }],
      [403, 'MOVE', '/shared/s.txt', { ...bob, destination: '/team/s.txt' }],
      [403, 'COPY', '/secret/x.txt', { ...bob, destination: '/team/x.txt' }],
      [403, 'COPY', '/team/a.txt', { ...bob, destination: '/team/fixed/a.txt' }],
      [201, 'COPY', '/shared/s.txt', { ...bob, destination: '/team/s.txt' }],
      [201, 'COPY', '/shared', { ...bob, destination: '/team/shared' }],
      [403, 'PATCH', '/shared/s.txt', { ...bob, 'x-update-range': 'append' }, 'x'],
      [403, 'PATCH', '/shared/s.txt', { ...bob, ...json }, '{"name":"t.txt"}'],
      [204, 'DELETE', '/team/s.txt', bob],
    ]
    for (const [status, method, path, ...rest] of rows) {
      expect([method, path, await server.status(method, path, ...rest)]).toEqual([method, path, status])
    }
    expect([server.text('secret/x.txt'), server.text('shared/s.txt'), server.text('team/fixed/f.txt')]).toEqual([
      'x',
      's',
      'f',
    ])
  })

  it('holds for what a link leads to as well', async () => {
    const server = await started(files, { accounts })
    for (const place of ['secret', 'shared', 'team/fixed']) {
      symlinkSync(join(server.folder, place), join(server.folder, 'team', `to-${place.replace('/', '-')}`))
    }
    for (const link of [
      'to-secret/x.txt',
      'to-shared/s.txt',
      'to-team-fixed/f.txt',
      'to-secret/new.txt',
      'to-shared/new.txt',
    ]) {
      for (const [method, headers] of [
        ['PUT', {}],
        ['PATCH', { 'x-update-range': 'append' }],
        ['DELETE', {}],
        ['MOVE', { destination: '/team/taken' }],
      ] as const) {
        const body = method === 'PUT' || method === 'PATCH' ? 'new' : undefined
        const status = await server.status(method, `/team/${link}`, { ...bob, ...headers }, body)
        expect([403, 404], `${method} ${link}`).toContain(status)
      }
    }
    expect([server.text('secret/x.txt'), server.text('shared/s.txt'), server.text('team/fixed/f.txt')]).toEqual([
      'x',
      's',
      'f',
    ])
    expect(server.names().filter((name) => name.endsWith('new.txt') || name.endsWith('taken'))).toEqual([])
  })

  it('is said by the features of the server', async () => {
    const none = { ...usual, upload: false, delete: false }
    const uploading = await started(tree, { allow: { ...none, upload: true } })
    const rows: readonly Row[] = [
      [201, 'PUT', '/new.txt', {}, 'new'],
      [403, 'PUT', '/a.txt', {}, 'new'],
      [201, 'PUT', '/empty.txt', {}, 'new'],
      [204, 'PATCH', '/a.txt', { 'x-update-range': 'append' }, '!'],
      [403, 'PATCH', '/a.txt', { 'x-update-range': 'bytes=0-1' }, '!!'],
      [403, 'DELETE', '/a.txt'],
      [403, 'MOVE', '/a.txt', { destination: '/b.txt' }],
      [201, 'COPY', '/a.txt', { destination: '/b.txt' }],
      [403, 'COPY', '/a.txt', { destination: '/folder' }],
      [403, 'PATCH', '/a.txt', json, '{"name":"c.txt"}'],
    ]
    for (const [status, method, path, ...rest] of rows) {
      expect([method, path, await uploading.status(method, path, ...rest)]).toEqual([method, path, status])
    }
    expect(uploading.text('a.txt')).toBe('0123456789!')
    const options = await uploading.send('OPTIONS', '/a.txt')
    expect(options.headers.get('allow')).toBe('GET, HEAD, PUT, PATCH, MKCOL, COPY, MOVE, OPTIONS')
    const reading = await started(tree, { allow: none })
    expect(await reading.status('PUT', '/new.txt', {}, 'x')).toBe(403)
    expect((await reading.send('OPTIONS', '/a.txt')).headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })

  it('leaves hidden names alone, and does not bring them into sight', async () => {
    const server = await started(
      { '.env': 'secret', 'x/hidden/a.txt': 'a', 'x/b.txt': 'b', 'y/.env': 'e' },
      { hidden: ['.env', 'x/hidden'] },
    )
    expect(await server.status('PUT', '/.env', {}, 'x')).toBe(403)
    expect(await server.status('DELETE', '/.env')).toBe(403)
    expect(await server.status('PUT', '/x/hidden/new.txt', {}, 'x')).toBe(403)
    expect(await server.status('COPY', '/x/b.txt', { destination: '/.env' })).toBe(403)
    expect(await server.status('MOVE', '/x', { destination: '/z' })).toBe(403)
    expect(await server.status('MOVE', '/y', { destination: '/w' })).toBe(201)
    expect(await server.status('COPY', '/x', { destination: '/z' })).toBe(201)
    expect(server.names()).toEqual([
      '.env',
      'w',
      'w/.env',
      'x',
      'x/b.txt',
      'x/hidden',
      'x/hidden/a.txt',
      'z',
      'z/b.txt',
    ])
  })

  it('is that one file where a single file is served', async () => {
    const server = await started({ 'only.txt': 'old', 'other.txt': 'other' })
    const single = await serve({}, { allow: usual, servedPath: join(server.folder, 'only.txt') })
    servers.push(single)
    const put = async (path: string): Promise<number> =>
      (await single.fetch(path, { method: 'PUT', body: 'new' })).status
    expect(await put('/only.txt')).toBe(201)
    expect(await put('/other.txt')).toBe(404)
    expect(await put('/new.txt')).toBe(404)
    expect((await single.fetch('/other.txt', { method: 'DELETE' })).status).toBe(404)
    expect(server.names()).toEqual(['only.txt', 'other.txt'])
    expect(server.text('only.txt')).toBe('new')
  })
})

describe('the served folder', () => {
  it('is never left, whatever a path or a Destination says', async () => {
    const server = await started({ 'a.txt': 'a' })
    const outside = join(server.folder, '..', 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'x.txt'), 'x')
    symlinkSync(outside, join(server.folder, 'way'))
    const targets = ['/way/x.txt', '/way/new.txt', '/..%2foutside%2fx.txt', '/way']
    for (const target of targets) {
      const asked: readonly Row[] = [
        [0, 'PUT', target, {}, 'new'],
        [0, 'PATCH', target, { 'x-update-range': 'append' }, 'new'],
        [0, 'DELETE', target],
        [0, 'MKCOL', target],
        [0, 'COPY', '/a.txt', { destination: target }],
        [0, 'MOVE', '/a.txt', { destination: target }],
        [0, 'MOVE', '/a.txt', { destination: `/%2e%2e/outside${target}` }],
        [0, 'MOVE', '/a.txt', { destination: `/../outside${target}` }],
        [0, 'POST', `${v1}/a.txt?copy_to=${target}`],
      ]
      for (const [, ...request] of asked) {
        const status = await server.status(...request)
        expect(status, JSON.stringify(request)).toBeGreaterThanOrEqual(400)
        expect(status, JSON.stringify(request)).toBeLessThan(500)
      }
    }
    expect(readdirSync(outside)).toEqual(['x.txt'])
    expect(readFileSync(join(outside, 'x.txt'), 'utf8')).toBe('x')
    expect([server.text('a.txt'), existsSync(join(server.folder, 'outside'))]).toEqual(['a', false])
  })
})
