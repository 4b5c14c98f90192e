import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { defineDriver, memory, parsePath, Storage, type StorageDriver, type WriteOptions } from '@filegate/core'
import { strictOptions } from '@filegate/core/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/driver-s3/src/testing/emulator.ts'
import { parseRules } from '../../packages/server/src/access/rules.ts'
import { type Serving, serve } from './serving.ts'

const shelf = memory()
/** Waited for by every write to the shelf before it begins. */
let watching: (options: WriteOptions) => Promise<unknown> = async () => {}

const shelfDefinition = defineDriver({
  slug: 'shelf',
  title: 'Shelf',
  category: 'object_storage',
  idPrefix: 'bck_',
  options: strictOptions({}),
  proof: 'simulator',
  connect: async (): Promise<StorageDriver> => ({
    ...shelf,
    write: async (path, options) => {
      await watching(options)
      return (await shelf.write?.(path, options)) ?? Promise.reject()
    },
  }),
})

const admin = { authorization: `Basic ${btoa('ann:pw')}` }
const json = { 'content-type': 'application/json' }
const mostBytes = 16 * 1024 * 1024

let server: Serving
let emulator: Emulator
const ids: Record<string, string> = {}
beforeAll(async () => {
  emulator = await startEmulator('bucket')
  const providers = {
    shelf: async () => shelfDefinition,
    s3: async () => (await import('@filegate/driver-s3')).default,
  }
  const accounts = parseRules(['ann:pw@/:rw', 'bob:pw@backend:*/team:rw,backend:*/shown'])
  server = await serve({ 'here.txt': 'here' }, { accounts, maxBodySize: mostBytes }, { providers })
  const endpoint = `http://127.0.0.1:${emulator.port}`
  const s3 = {
    provider: 'Minio',
    endpoint: `${endpoint}/bucket`,
    access_key_id: 'any',
    secret_access_key: 'any',
    upload_cutoff: '5M',
  }
  for (const [provider, options] of Object.entries({ shelf: {}, s3 })) {
    const body = JSON.stringify(options)
    const init = { method: 'POST', headers: { ...admin, ...json }, body }
    const answer = await server.fetch(`/api/v1/backends/${provider}`, init)
    if (answer.status !== 201) throw new Error(await answer.text())
    const { data } = (await answer.json()) as { data: { id: string } }
    ids[provider] = data.id
  }
})
afterAll(async () => {
  await server.stop()
  await emulator.close()
})

const at = (provider: string, path: string, query = ''): string =>
  `/api/v1/files/${path}?backend=${ids[provider]}${query}`

type Sent = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> }

const send = (method: string, target: string, init: Sent = {}): Promise<Response> =>
  server.fetch(target, { ...init, method, headers: { ...admin, ...Object.fromEntries(new Headers(init.headers)) } })

const textOf = async (provider: string, path: string): Promise<string | number> => {
  const answer = await send('GET', at(provider, path))
  const text = await answer.text()
  return answer.status === 200 ? text : answer.status
}

/** A request whose body is sent by hand. */
function open(
  target: string,
  options: { readonly method: string; readonly headers?: Readonly<Record<string, string>> },
): ClientRequest {
  const { hostname, port } = new URL(server.origin)
  return request({ hostname, port, path: target, agent: false, ...options, headers: { ...admin, ...options.headers } })
}

/** Resolves once it is sent, or never will be. */
const push = (sent: ClientRequest, bytes: Uint8Array): Promise<unknown> =>
  new Promise((resolve) => sent.write(bytes, resolve))

async function answerOf(sent: ClientRequest): Promise<{ status: number | undefined; text: string }> {
  const [answer]: IncomingMessage[] = await once(sent, 'response')
  let text = ''
  for await (const chunk of answer ?? []) text += String(chunk)
  return { status: answer?.statusCode, text }
}

const large = randomBytes(12 * 1024 * 1024)
const sha256 = createHash('sha256').update(large)

describe.each(['shelf', 's3'])('on the backend %s', (provider) => {
  it('a large file is stored as it came, with its size announced and without', async () => {
    const digest = sha256.copy().digest()
    for (const [name, headers] of [
      ['sized.bin', { 'content-length': String(large.length), digest: `sha-256=${digest.toString('base64')}` }],
      ['chunked.bin', { 'repr-digest': `sha-256=:${digest.toString('base64')}:` }],
    ] as const) {
      const sent = open(at(provider, `deep/${name}`), { method: 'PUT', headers })
      const answer = answerOf(sent)
      for (let offset = 0; offset < large.length; offset += 1 << 20) {
        await push(sent, large.subarray(offset, offset + (1 << 20)))
      }
      sent.end()
      expect(await answer).toMatchObject({ status: 201, text: expect.stringContaining(`"size":${large.length}`) })
      const stored = await send('GET', at(provider, `deep/${name}`))
      expect(
        createHash('sha256')
          .update(await stored.bytes())
          .digest('hex'),
      ).toBe(digest.toString('hex'))
    }
  })

  it('what a client leaves half sent replaces nothing and makes nothing', async () => {
    await send('PUT', at(provider, 'left.txt'), { body: 'old' })
    for (const [name, headers] of [
      ['left.txt', { 'content-length': String(large.length) }],
      ['left.txt', {}],
      ['left-new.txt', {}],
    ] as const) {
      const sent = open(at(provider, name), { method: 'PUT', headers })
      const gone = once(sent, 'error')
      for (let part = 0; part < 6; part++) await push(sent, large.subarray(0, 1 << 20))
      sent.destroy(new Error('the client leaves'))
      await gone
    }
    expect(await textOf(provider, 'left.txt')).toBe('old')
    expect(await textOf(provider, 'left-new.txt')).toBe(404)
  })

  it('a body that is not what was announced replaces nothing, and the client is told', async () => {
    await send('PUT', at(provider, 'sum.txt'), { body: 'old' })
    const headers = { 'content-md5': createHash('md5').update('other').digest('base64') }
    for (const body of ['new', large]) {
      const answer = await send('PUT', at(provider, 'sum.txt'), { body, headers })
      expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'CHECKSUM_MISMATCH' }])
    }
    expect(await textOf(provider, 'sum.txt')).toBe('old')
  })

  it('a body over the limit replaces nothing, and the client is told', async () => {
    await send('PUT', at(provider, 'most.txt'), { body: 'old' })
    const announced = await send('PUT', at(provider, 'most.txt'), { body: Buffer.alloc(mostBytes + 1) })
    expect([announced.status, await announced.json()]).toMatchObject([413, { code: 'PAYLOAD_TOO_LARGE' }])
    const sent = open(at(provider, 'most.txt'), { method: 'PUT' })
    // The connection may be closed while the rest is still being sent.
    sent.on('error', () => {})
    const closed = new Promise((resolve) => sent.once('close', resolve))
    const answer = answerOf(sent)
    for (let part = 0; part < 20 && !sent.destroyed; part++) {
      await Promise.race([push(sent, large.subarray(0, 1 << 20)), closed])
    }
    expect(await answer).toMatchObject({ status: 413 })
    sent.destroy()
    expect(await textOf(provider, 'most.txt')).toBe('old')
  })

  it('one of two writers who both saw the same state gets through', async () => {
    const first = await send('PUT', at(provider, 'both.txt'), { body: 'old' })
    const headers = { 'if-match': first.headers.get('etag') ?? '' }
    const answers = await Promise.all(
      ['one', 'two'].map((body) => send('PUT', at(provider, 'both.txt'), { body, headers })),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 412])
    expect(await textOf(provider, 'both.txt')).toBe(['one', 'two'][statuses.indexOf(201)])
    const late = await send('PUT', at(provider, 'both.txt'), { body: 'late', headers: { 'if-none-match': '*' } })
    expect(late.status).toBe(412)
  })

  it('files and folders are copied, moved, renamed and deleted', async () => {
    for (const name of ['a.txt', 'b/c.txt']) await send('PUT', at(provider, `from/${name}`), { body: name })
    const ask = async (method: string, path: string, query: string, body?: object): Promise<number> => {
      const init = body ? { body: JSON.stringify(body), headers: json } : {}
      return (await send(method, at(provider, path, query), init)).status
    }
    expect(await ask('POST', 'from', '&copy_to=/copied')).toBe(200)
    expect(await ask('POST', 'from', '&copy_to=/copied')).toBe(409)
    expect(await ask('POST', 'copied/b', '&move_to=/from/moved')).toBe(200)
    expect(await ask('PATCH', 'from/a.txt', '', { name: 'renamed.txt' })).toBe(200)
    expect(await textOf(provider, 'from/renamed.txt')).toBe('a.txt')
    expect(await textOf(provider, 'from/moved/c.txt')).toBe('b/c.txt')
    expect(await textOf(provider, 'copied/a.txt')).toBe('a.txt')
    expect(await ask('DELETE', 'from', '')).toBe(204)
    for (const gone of ['from/a.txt', 'from/moved/c.txt', 'copied/b/c.txt'])
      expect(await textOf(provider, gone)).toBe(404)
  })

  it('a folder goes to another backend and comes back', async () => {
    const other = provider === 's3' ? 'shelf' : 's3'
    const content: Record<string, string> = {}
    for (let count = 0; count < 30; count++) content[`${count % 5}/file ${count}%.txt`] = `content ${count}`
    for (const [name, body] of Object.entries(content)) {
      const headers = { 'x-oc-mtime': '1600000000' }
      const path = name.split('/').map(encodeURIComponent).join('/')
      expect((await send('PUT', at(provider, `travel/${path}`), { body, headers })).status).toBe(201)
    }
    const there = await send('POST', at(provider, 'travel', `&copy_to=${ids[other]}:/away`))
    expect([there.status, await there.json()]).toEqual([
      200,
      { success: true, source: '/travel', destination: `${ids[other]}:/away` },
    ])
    expect((await send('POST', at(other, 'away', `&move_to=${ids[provider]}:/back`))).status).toBe(200)
    for (const [name, text] of Object.entries(content)) {
      expect(await textOf(provider, `back/${name.split('/').map(encodeURIComponent).join('/')}`)).toBe(text)
    }
    const stated = await send('GET', at(provider, 'back/0/file%200%25.txt', '&stat'))
    expect(await stated.json()).toMatchObject({ mtime: 1_600_000_000_000 })
    expect(await textOf(other, 'away/0/file%200%25.txt')).toBe(404)
  })
})

describe('a request that is refused', () => {
  /** What comes before the body may be sent: whether the server asked for it, and its answer if it did not. */
  async function expecting(target: string, headers: Record<string, string>): Promise<number | undefined> {
    const sent = open(target, { method: 'PUT', headers: { expect: '100-continue', 'content-length': '3', ...headers } })
    sent.flushHeaders()
    const asked = once(sent, 'continue').then(() => 100)
    const answered = answerOf(sent).then(({ status }) => status)
    const first = await Promise.race([asked, answered])
    if (first !== 100) return sent.destroy() && first
    sent.end('new')
    return answered
  }

  it('is refused before its body is sent', async () => {
    expect(await expecting(at('shelf', 'expect.txt'), {})).toBe(201)
    expect(await expecting(at('shelf', 'expect.txt'), { 'if-match': '"other"' })).toBe(412)
    expect(await expecting(at('shelf', 'expect.txt'), { authorization: `Basic ${btoa('bob:pw')}` })).toBe(403)
    expect(await expecting(at('shelf', 'expect.txt'), { 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await expecting('/api/v1/expect.txt', {})).toBe(405)
    expect(await new Storage(shelf).text('expect.txt')).toBe('new')
  })

  it('is answered where the client sends a large body all the same', async () => {
    const answer = await send('PUT', at('shelf', 'large.txt'), { body: large, headers: { 'if-match': '"other"' } })
    expect(answer.status).toBe(412)
    expect(await textOf('shelf', 'large.txt')).toBe(404)
  })
})

describe('between the served folder and a backend', () => {
  const here = (path: string, query = ''): string => `/api/v1/files/${path}${query}`
  const textHere = async (path: string): Promise<string | number> => {
    const answer = await send('GET', here(path))
    const text = await answer.text()
    return answer.status === 200 ? text : answer.status
  }

  it('files and folders are copied and moved, both ways', async () => {
    const shelved = `${ids['shelf']}:`
    for (const name of ['tree/a.txt', 'tree/deep/b.txt']) await send('PUT', here(name), { body: name })
    const answer = await send('POST', here('tree', `?copy_to=${shelved}/from-here`))
    expect(await answer.json()).toEqual({ success: true, source: '/tree', destination: `${shelved}/from-here` })
    expect(await textOf('shelf', 'from-here/deep/b.txt')).toBe('tree/deep/b.txt')
    expect((await send('POST', here('tree/a.txt', `?move_to=${shelved}/moved-here.txt`))).status).toBe(200)
    expect([await textHere('tree/a.txt'), await textOf('shelf', 'moved-here.txt')]).toEqual([404, 'tree/a.txt'])
    expect((await send('POST', at('shelf', 'from-here', '&move_to=local:/back/again'))).status).toBe(200)
    expect(await textHere('back/again/deep/b.txt')).toBe('tree/deep/b.txt')
    expect(await textOf('shelf', 'from-here/deep/b.txt')).toBe(404)
    expect((await send('POST', at('shelf', 'moved-here.txt', '&copy_to=local:/here.txt'))).status).toBe(409)
    expect((await send('POST', at('shelf', 'moved-here.txt', '&copy_to=local:/here.txt&overwrite'))).status).toBe(200)
    expect(await textHere('here.txt')).toBe('tree/a.txt')
  })

  it('whoever has rights to a backend only gets nothing into the folder, and nothing out of it', async () => {
    const bob = { authorization: `Basic ${btoa('bob:pw')}` }
    await send('PUT', at('shelf', 'team/own.txt'), { body: 'own' })
    await send('PUT', here('private.txt'), { body: 'private' })
    const into = await send('POST', at('shelf', 'team/own.txt', '&copy_to=local:/own.txt'), { headers: bob })
    const out = await send('POST', here('private.txt', `?copy_to=${ids['shelf']}:/team/private.txt`), { headers: bob })
    expect([into.status, out.status]).toEqual([403, 403])
    expect([await textHere('own.txt'), await textOf('shelf', 'team/private.txt')]).toEqual([404, 404])
  })
})

describe('an account with rights to a part of the backends', () => {
  const bob = { authorization: `Basic ${btoa('bob:pw')}` }

  it('writes there and nowhere else', async () => {
    await send('PUT', at('shelf', 'shown/x.txt'), { body: 'shown' })
    await send('PUT', at('shelf', 'secret/x.txt'), { body: 'secret' })
    const status = async (method: string, path: string, query = ''): Promise<number> =>
      (await send(method, at('shelf', path, query), { headers: bob, ...(method === 'PUT' && { body: 'by bob' }) }))
        .status
    expect(await status('PUT', 'team/x.txt')).toBe(201)
    expect(await status('PUT', 'shown/x.txt')).toBe(403)
    expect(await status('PUT', 'secret/x.txt')).toBe(403)
    expect(await status('DELETE', 'shown')).toBe(403)
    expect(await status('POST', 'shown/x.txt', '&copy_to=/team/y.txt')).toBe(200)
    expect(await status('POST', 'shown/x.txt', '&move_to=/team/z.txt')).toBe(403)
    expect(await status('POST', 'secret/x.txt', '&copy_to=/team/z.txt')).toBe(403)
    expect(await status('POST', 'team/x.txt', '&copy_to=/secret/y.txt')).toBe(403)
    expect(await status('POST', 'team/x.txt', `&copy_to=${ids['s3']}:/secret/y.txt`)).toBe(403)
    expect(await status('POST', 'team/x.txt', `&copy_to=${ids['s3']}:/team/y.txt`)).toBe(200)
    expect(await status('POST', '', `&copy_to=${ids['s3']}:/team/all`)).toBe(403)
    expect(await status('DELETE', 'team')).toBe(204)
    expect(await textOf('shelf', 'secret/x.txt')).toBe('secret')
  })
})

describe('a client that leaves', () => {
  it('stops the copying between backends', async () => {
    for (let count = 0; count < 20; count++) await emulator.put('bucket', `many/${count}.txt`, Buffer.from('x'))
    const leaving = new AbortController()
    const told: Promise<unknown>[] = []
    const begun = Promise.withResolvers<void>()
    watching = ({ signal }) => {
      const aborted = signal ? once(signal, 'abort') : Promise.reject(new Error('no signal'))
      told.push(aborted)
      begun.resolve()
      return aborted
    }
    const answer = send('POST', at('s3', 'many', `&copy_to=${ids['shelf']}:/many`), { signal: leaving.signal })
    await begun.promise
    leaving.abort()
    await expect(answer).rejects.toThrow(/abort/)
    await Promise.all(told)
    watching = async () => {}
    expect(told.length).toBeLessThan(20)
    expect(await shelf.list(parsePath('many'))).toEqual({ items: [] })
  })
})
