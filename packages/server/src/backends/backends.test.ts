import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, parsePath, root, StorageError, streamBytes } from '@filegate/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeDatabases } from '../../../../test/databases/describe-databases.ts'
import { httpNameOf } from '../http/problem.ts'
import { openState } from '../state/database.ts'
import { secretKey } from '../state/secret-key.ts'
import { createBackendStore } from './backend-store.ts'
import { type Backends, type BackendsParts, createBackends } from './backends.ts'
import { type DemoProvider, demoProvider } from './testing/demo-provider.ts'

let folder: string
let databaseUrl: string | undefined
let demo: DemoProvider
const opened: Backends[] = []
const said: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-backends-'))
  databaseUrl = undefined
  demo = demoProvider()
  said.length = 0
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((backends) => backends.close()))
  rmSync(folder, { recursive: true })
})

/** As one process of the server has them; several may be made over the same folder. */
function backendsHere(
  changes: Partial<BackendsParts> & { credentialsDirectory?: string; workers?: number } = {},
): Backends {
  const { credentialsDirectory, workers = 1, ...rest } = changes
  const backends = createBackends({
    settings: {
      dataDirectory: folder,
      databaseUrl,
      listen: [{ host: '127.0.0.1', port: 1 }],
      privateNetwork: false,
      credentialsDirectory,
      workers,
    },
    say: (message) => said.push(message),
    providers: { demo: async () => demo.definition },
    ...rest,
  })
  opened.push(backends)
  return backends
}

const request = (options: Record<string, unknown> = {}) => ({
  provider: 'demo',
  owner: 'ada',
  options: {
    endpoint: 'https://ada:in-address@demo.example/x?sig=1',
    user: 'ada',
    password: 'marker-secret',
    ...options,
  },
})

async function whoIs(backends: Backends, id: string): Promise<string> {
  const { storage } = await backends.open(id)
  return new Response((await storage.read(parsePath('who.txt'))).body).text()
}

const failure = async (promise: Promise<unknown>) => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!StorageError.is(error)) throw new Error(`expected a StorageError, not ${String(error)}`)
  return { code: error.code, message: error.message, ...httpNameOf(error), error }
}

describe('connecting a backend', () => {
  it('proves it once, stores it and goes on with that connection', async () => {
    const backends = backendsHere()
    const facts = await backends.connect(request({ description: 'mine' }))
    expect(facts).toMatchObject({
      id: expect.stringMatching(/^bck_[0-9a-f]{16}$/),
      backendType: 'demo',
      type: 'object_storage',
      description: 'mine',
      server: 'https://demo.example/x',
      user: 'ada',
      status: 'connected',
    })
    expect(await whoIs(backends, facts.id)).toBe('ada')
    expect(await backends.list()).toEqual([expect.objectContaining({ id: facts.id })])
    expect(demo.connected).toHaveLength(1)
  })

  it('names every problem of the options at once, and connects to nothing', async () => {
    const { code, message } = await failure(
      backendsHere().connect({
        provider: 'demo',
        owner: null,
        options: { user: 5, fast: 'maybe', passwort: 'marker-secret' },
      }),
    )
    expect(code).toBe('InvalidArgument')
    for (const part of ['endpoint: is required', 'user: must be text', 'fast: must be', 'passwort: there is no such']) {
      expect(message).toContain(part)
    }
    expect(message).not.toContain('marker-secret')
    expect(demo.connected).toEqual([])
  })

  it('refuses an unknown provider, naming those there are', async () => {
    const { code, message } = await failure(backendsHere().connect({ ...request(), provider: 'dmeo' }))
    expect([code, message]).toEqual(['NotFound', 'There is no provider "dmeo". The providers are: demo.'])
  })

  it('says why it failed, without the secrets, and stores nothing', async () => {
    const backends = backendsHere()
    const refused = await failure(backends.connect(request({ password: 'wrong-marker' })))
    expect(refused).toMatchObject({ code: 'CONNECTION_FAILED', message: 'The password [redacted] of ada is wrong.' })
    expect(JSON.stringify([refused, refused.error.cause, String(refused.error.cause)])).not.toContain('wrong-marker')
    const crashed = await failure(backends.connect(request({ endpoint: 'crash' })))
    expect(crashed.message).toContain('unknown way')
    const guarded = await failure(backends.connect(request({ endpoint: 'fetch' })))
    expect(guarded.message).toContain('never contacted')
    expect(await backends.list()).toEqual([])
    expect(said.join()).toContain('TypeError: cannot use [redacted]')
  })

  it('gives up in time when nothing answers', async () => {
    const { message } = await failure(backendsHere({ patience: 50 }).connect(request({ endpoint: 'hang' })))
    expect(message).toBe('Demo Store did not answer within 0.05 s.')
  })

  it('ends when the caller goes away, and stores nothing', async () => {
    const backends = backendsHere()
    const leaving = new AbortController()
    const connecting = backends.connect({ ...request({ endpoint: 'hang' }), signal: leaving.signal })
    leaving.abort()
    expect((await failure(connecting)).error.code).toBe('Aborted')
    expect(await backends.list()).toEqual([])
  })

  it('lets drivers log in with what the machine has when the operator chose that folder only', async () => {
    const { message } = await failure(backendsHere().connect(request({ env_auth: true })))
    expect(message).toMatch(/^env_auth: .*--credentials-dir/)
    expect(demo.connected).toEqual([])
    await backendsHere({ credentialsDirectory: folder }).connect(request({ env_auth: true }))
    expect(demo.connected).toEqual([expect.objectContaining({ env_auth: true })])
  })

  it('tells the operator what the driver has to say, with its facts and without secrets', async () => {
    const definition = {
      ...demo.definition,
      connect: (...args: Parameters<typeof demo.definition.connect>) => {
        args[1].log.debug('S3 ListBuckets', { method: 'GET', key: 'marker-secret' })
        return demo.definition.connect(...args)
      },
    }
    const { id } = await backendsHere({ providers: { demo: async () => definition } }).connect(request())
    expect(said).toEqual([`demo backend ${id}: S3 ListBuckets {"method":"GET","key":"[redacted]"}`])
  })

  it('lets options name files in the folder for that only', async () => {
    writeFileSync(join(folder, 'key'), '')
    const without = await failure(backendsHere().connect(request({ key_file: '/etc/passwd' })))
    expect(without.message).toMatch(/^key_file: .*--credentials-dir/)
    const backends = backendsHere({ credentialsDirectory: folder })
    expect((await failure(backends.connect(request({ key_file: '/etc/passwd' })))).message).toContain(
      'not in the folder',
    )
    await backends.connect(request({ key_file: 'key' }))
    expect(demo.connected).toEqual([expect.objectContaining({ key_file: join(folder, 'key') })])
  })
})

await describeDatabases('a stored backend', ({ name, makeUrl }) => {
  beforeEach(async () => {
    databaseUrl = await makeUrl()
  })

  it('is there after a restart, connected once however many ask, and when somebody asks', async () => {
    const first = backendsHere()
    const { id } = await first.connect(request())
    await first.close()
    const second = backendsHere()
    await second.list()
    expect(demo.connected).toHaveLength(1)
    expect(await Promise.all([1, 2, 3].map(() => whoIs(second, id)))).toEqual(['ada', 'ada', 'ada'])
    expect(demo.connected).toHaveLength(2)
    // No request waits until its use is noted.
    await expect.poll(async () => (await second.find(id)).lastUsed).toBeGreaterThan(0)
  })

  it('is tried again after a connection that failed', async () => {
    const first = backendsHere()
    const { id } = await first.connect(request({ user: 'wrong' }))
    await first.close()
    let isDown = true
    const definition = {
      ...demo.definition,
      connect: (...args: Parameters<typeof demo.definition.connect>) => {
        if (isDown) throw new StorageError('Unauthenticated', 'It is down.')
        return demo.definition.connect(...args)
      },
    }
    const second = backendsHere({ providers: { demo: async () => definition } })
    // The vendor's refusal must not make a browser ask its user to log in here.
    expect(await failure(second.open(id))).toMatchObject({ code: 'BACKEND_UNAUTHENTICATED', status: 502 })
    isDown = false
    expect(await whoIs(second, id)).toBe('wrong')
  })

  it.runIf(name === 'SQLite')('holds no secret in any file, log or answer', async () => {
    const backends = backendsHere()
    const { id } = await backends.connect(request({ token: JSON.stringify({ access_token: 'marker-token' }) }))
    await failure(backends.connect(request({ password: 'wrong-marker' })))
    await failure(backends.rotate(id, { password: 'wrong-marker' }))
    await backends.rotate(id, { password: 'marker-rotated' })
    const answers = JSON.stringify([await backends.list(), await backends.find(id), await backends.test(id), said])
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
    expect(answers + files.join()).not.toMatch(/marker|in-address/)
    expect(files.join()).toContain('bck_')
  })

  it('says clearly when the key is another one, and can be removed then', async () => {
    const first = backendsHere({ secretKeyText: 'the first long passphrase' })
    const { id } = await first.connect(request())
    await first.close()
    const second = backendsHere({ secretKeyText: 'another long passphrase' })
    const uses = [second.open(id), second.rotate(id, { password: 'new' }), second.test(id)]
    for (const failed of await Promise.all(uses.map(failure))) {
      expect(failed).toMatchObject({
        code: 'SECRETS_SEALED',
        message: expect.stringContaining('FILEGATE_SECRET_KEY'),
      })
    }
    expect(await second.list()).toMatchObject([{ id, server: null, problem: expect.stringContaining('another key') }])
    await second.remove(id)
    expect(await second.list()).toEqual([])
  })

  it.runIf(name === 'SQLite')(
    'is out of reach when the state is damaged, and is there again when it is repaired',
    async () => {
      writeFileSync(join(folder, 'state.sqlite'), 'this is no database'.repeat(100))
      const backends = backendsHere()
      expect(await failure(backends.list())).toMatchObject({ code: 'STATE_UNAVAILABLE' })
      expect(said.join()).toContain('state.sqlite')
      rmSync(join(folder, 'state.sqlite'))
      expect(await backends.list()).toEqual([])
    },
  )

  it('refuses a key that is too short when the server starts', () => {
    expect(() => backendsHere({ secretKeyText: 'short' })).toThrow('FILEGATE_SECRET_KEY')
  })

  it('is unknown under any other identifier', async () => {
    const backends = backendsHere()
    for (const id of ['bck_0', '', '../x', `x'; drop table backend; --`]) {
      expect(await failure(backends.open(id))).toMatchObject({
        code: 'BACKEND_NOT_FOUND',
        message: `Backend not found: ${id}`,
      })
      expect((await failure(backends.find(id))).code).toBe('BACKEND_NOT_FOUND')
      expect((await failure(backends.remove(id))).code).toBe('BACKEND_NOT_FOUND')
    }
  })
})

await describeDatabases('changes of a backend', ({ makeUrl }) => {
  beforeEach(async () => {
    databaseUrl = await makeUrl()
  })

  it('are seen by other processes with the next request', async () => {
    const [one, other] = [backendsHere(), backendsHere()]
    const { id } = await one.connect(request())
    expect(await whoIs(other, id)).toBe('ada')
    await one.rotate(id, { password: 'second' })
    await whoIs(other, id)
    expect(demo.connected.map(({ password }) => password)).toEqual([
      'marker-secret',
      'marker-secret',
      'second',
      'second',
    ])
    await one.remove(id)
    expect((await failure(other.open(id))).code).toBe('BACKEND_NOT_FOUND')
  })

  it('of the files on it are seen by other workers with the next request', async () => {
    const place = memory({ 'who.txt': 'ada' })
    const definition = { ...demo.definition, connect: async () => place }
    const parts = { workers: 2, providers: { demo: async () => definition } }
    const [one, other] = [backendsHere(parts), backendsHere(parts)]
    const { id } = await one.connect(request())
    const names = async (backends: Backends) => {
      const { items } = await (await backends.open(id)).storage.list(root)
      return items.map(({ name }) => name)
    }
    expect(await names(other)).toEqual(['who.txt'])
    const { storage } = await one.open(id)
    await storage.write?.(parsePath('new.txt'), { body: streamBytes(Buffer.from('new')) })
    expect(await names(other)).toEqual(['new.txt', 'who.txt'])
    const back = await other.open(id)
    await back.storage.remove?.(parsePath('who.txt'))
    expect(await names(one)).toEqual(['new.txt'])
  })

  it('need no connection when they change nothing', async () => {
    const backends = backendsHere()
    const { id } = await backends.connect(request())
    expect(await backends.rotate(id, { password: 'marker-secret', token: null })).toBe('unchanged')
    expect(demo.connected).toHaveLength(1)
  })

  it('keep the old credentials when the new ones do not work', async () => {
    const backends = backendsHere()
    const { id } = await backends.connect(request())
    const refused = await failure(backends.rotate(id, { password: 'wrong-one' }))
    expect(refused).toMatchObject({ status: 502, code: 'PROBE_FAILED' })
    expect(refused.message).toContain('The password [redacted] of ada is wrong.')
    await backends.close()
    const again = backendsHere()
    await again.open(id)
    expect(demo.connected.at(-1)).toMatchObject({ password: 'marker-secret' })
  })

  it('that meet are told apart: the second of two is refused, and nothing of it stays', async () => {
    const meeting = Promise.withResolvers<void>()
    let arrived = -1
    const definition = {
      ...demo.definition,
      async connect(...args: Parameters<typeof demo.definition.connect>) {
        if (arrived >= 0 && ++arrived === 2) meeting.resolve()
        if (arrived > 0) await meeting.promise
        return demo.definition.connect(...args)
      },
    }
    const backends = backendsHere({ providers: { demo: async () => definition } })
    const { id } = await backends.connect(request())
    arrived = 0
    const both = [{ password: 'one-new' }, { token: 'two-new' }]
    const outcomes = await Promise.allSettled(both.map((changes) => backends.rotate(id, changes)))
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled')
    const [refused] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    expect(await failure(Promise.reject(refused))).toMatchObject({ code: 'CONFLICT' })
    await backends.close()
    await backendsHere().open(id)
    expect(demo.connected.at(-1)).toMatchObject({ password: 'marker-secret', token: '', ...both[winner] })
  })

  it('are of credentials only, and every problem is named', async () => {
    const backends = backendsHere()
    const { id } = await backends.connect(request())
    const { message } = await failure(backends.rotate(id, { endpoint: 'https://evil', nope: 'x', token: 5 }))
    expect(message).toContain('endpoint: is no credential')
    expect(message).toContain('nope: there is no such option')
    expect(message).toContain('token: must be text')
    expect((await failure(backends.rotate(id, {}))).code).toBe('InvalidArgument')
  })

  it('take a credential away with null', async () => {
    const backends = backendsHere()
    const { id } = await backends.connect(request({ token: 'old-token' }))
    expect(await backends.rotate(id, { token: null })).toBe('changed')
    expect(demo.connected.at(-1)).toMatchObject({ token: '', password: 'marker-secret' })
  })

  it('let a read that is under way finish before the connection is closed', async () => {
    const backends = backendsHere()
    const { id } = await backends.connect(request())
    const { body } = await (await backends.open(id)).storage.read(parsePath('slow.txt'))
    await backends.remove(id)
    expect(demo.closed()).toBe(0)
    expect((await new Response(body).text()).length).toBe(1000)
    await expect.poll(() => demo.closed()).toBe(1)
  })

  it('keep a token that the vendor renewed, and the connection that renewed it', async () => {
    const backends = backendsHere()
    const { id } = await backends.connect(request({ token: 'first-token' }))
    await demo.renewToken('second-token')
    await backends.open(id)
    expect(demo.connected).toHaveLength(1)
    await backends.close()
    await backendsHere().open(id)
    expect(demo.connected.at(-1)).toMatchObject({ token: 'second-token' })
  })
})

await describeDatabases('the table of the backends', ({ makeUrl }) => {
  it('gives figures as numbers, and the order in which the backends were connected', async () => {
    const database = await openState({ dataDirectory: folder, databaseUrl: await makeUrl() })
    const store = createBackendStore(database, secretKey(folder, 'a passphrase that is long'))
    const clock = vi.spyOn(Date, 'now')
    for (const id of ['bck_2', 'bck_1']) {
      expect(await store.insert({ id, provider: 'demo', owner: null, options: { id }, status: 'connected' })).toBe(1)
      clock.mockReturnValue(Date.now() + 1)
    }
    clock.mockRestore()
    const [row] = await store.all()
    if (!row) throw new Error('it was inserted')
    expect(row).toMatchObject({ id: 'bck_2', created_at: expect.any(Number), revision: 1, last_used: null })
    expect(store.optionsOf(row)).toEqual({ id: 'bck_2' })
    expect([await store.changed('bck_2'), await store.changed('bck_2'), await store.changed('none')]).toEqual([
      1,
      2,
      undefined,
    ])
    expect(await store.stateOf('bck_2')).toEqual({ revision: 1, changes: 2, status: 'connected' })
    expect(await store.replaceOptions(row, { id: 'new' })).toBe(2)
    expect(await store.replaceOptions(row, { id: 'late' })).toBeUndefined()
    await store.used('bck_2', 1_700_000_000_000)
    expect(await store.find('bck_2')).toMatchObject({ last_used: 1_700_000_000_000, revision: 2 })
    expect([await store.remove('bck_2'), await store.remove('bck_2')]).toEqual([true, false])
    expect((await store.all()).map(({ id }) => id)).toEqual(['bck_1'])
    await database.destroy()
  })
})

describe('a backend in use', () => {
  const statOf = async (user: string) => {
    const backends = backendsHere()
    const { id } = await backends.connect(request({ user }))
    const { storage } = await backends.open(id)
    return { id, ...(await failure(storage.stat(parsePath('who.txt')))) }
  }

  it('that refuses our credentials does not ask the caller to log in', async () => {
    const { id, message, ...failed } = await statOf('locked')
    expect(failed).toMatchObject({ status: 502, code: 'BACKEND_UNAUTHENTICATED' })
    expect(message).toBe(`[redacted] has expired. Give the backend ${id} new credentials.`)
  })

  it('that fails in a way nobody foresaw is no failure of this server, and the log says where, without secrets', async () => {
    expect(await statOf('broken')).toMatchObject({ status: 502, code: 'BACKEND_FAILED' })
    expect(said.join()).toMatch(/stat failed: TypeError: cannot read \[redacted\]\n +at /)
    expect(said.join()).not.toContain('marker')
  })
})

describe('ending', () => {
  it('closes every connection, those in use too, and starts none', async () => {
    const backends = backendsHere()
    const { id } = await backends.connect(request())
    await (await backends.open(id)).storage.read(parsePath('slow.txt'))
    await backends.remove(id)
    await backends.connect(request())
    await backends.close()
    expect(demo.closed()).toBe(2)
    expect((await failure(backends.open(id))).message).toContain('ending')
  })
})

describe('testing a backend', () => {
  it('tells whether its vendor answers now', async () => {
    const backends = backendsHere()
    const { id } = await backends.connect(request())
    expect(await backends.test(id)).toEqual({
      connected: true,
      message: 'Demo Store answers and accepts the credentials.',
    })
    expect(demo.closed()).toBe(1)
    expect(await whoIs(backends, id)).toBe('ada')
  })
})
