import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parsePath, StorageError } from '@filegate/core'
import { formatBlob } from '@filegate/core/oauth'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../../../../test/databases/describe-databases.ts'
import {
  type OAuthVendor,
  startOAuthVendor,
  vendorToken,
} from '../../../../test/simulators/oauth-vendor/start-oauth-vendor.ts'
import { openState, type StateDatabase } from '../state/database.ts'
import { secretKey } from '../state/secret-key.ts'
import { type BackendStore, createBackendStore } from './backend-store.ts'
import { type Backends, createBackends } from './backends.ts'
import { createOpenBackends } from './open-backends.ts'
import { placeInUse } from './place-in-use.ts'
import { createRenewalLeases } from './renewal-lease.ts'
import { createRenewals, type Place } from './renewals.ts'
import { type OAuthProvider, oauthProvider } from './testing/oauth-provider.ts'

const client = { id: 'app', secret: 'marker-secret' }
const never = new AbortController().signal
const passphrase = 'a passphrase that is long'

await describeDatabases('renewing the token of a backend', ({ makeUrl }) => {
  let folder: string
  let databaseUrl: string | undefined
  let vendor: OAuthVendor
  let cloud: OAuthProvider
  const databases: StateDatabase[] = []
  const opened: Backends[] = []
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'filegate-renewals-'))
    databaseUrl = await makeUrl()
    vendor = await startOAuthVendor(client)
    cloud = oauthProvider(vendor.origin)
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((backends) => backends.close()))
    await Promise.all(databases.splice(0).map((database) => database.destroy()))
    await vendor.close()
    rmSync(folder, { recursive: true })
  })

  /** As another process has it. */
  async function openDatabase(): Promise<StateDatabase> {
    const database = await openState({ dataDirectory: folder, databaseUrl })
    databases.push(database)
    return database
  }
  function backendsHere(): Backends {
    const place = { dataDirectory: folder, databaseUrl, credentialsDirectory: undefined, workers: 1 }
    const backends = createBackends({
      settings: {
        ...place,
        listen: [{ host: '127.0.0.1', port: 1 }],
        privateNetwork: false,
        oauthClients: { cloud: client },
      },
      secretKeyText: passphrase,
      say: () => {},
      providers: { cloud: async () => cloud.definition },
    })
    opened.push(backends)
    return backends
  }
  const connect = async (backends: Backends, token: string): Promise<string> =>
    (await backends.connect({ provider: 'cloud', owner: null, options: { token } })).id

  async function whoIs(backends: Backends, id: string): Promise<string> {
    const { storage } = await backends.open(id)
    return new Response((await storage.read(parsePath('who.txt'))).body).text()
  }

  /** A backend in the table, and the table as several processes have it. */
  async function stored(token: string): Promise<{ readonly place: Place; readonly stores: readonly BackendStore[] }> {
    const stores = [await openDatabase(), await openDatabase()].map((database) =>
      createBackendStore(database, secretKey(folder, passphrase)),
    )
    const place = { id: 'bnd_1', provider: 'cloud', revision: 1, renewals: 0 }
    await stores[0]?.insert({ ...place, owner: null, options: { token }, status: 'connected' })
    return { place, stores }
  }

  it('is done once, however many processes and requests need it at the same time, and nobody connects anew', async () => {
    const [one, other, third] = [backendsHere(), backendsHere(), backendsHere()]
    const id = await connect(one, await vendorToken(vendor, client))
    const all = [one, other, third]
    await Promise.all(all.map((backends) => whoIs(backends, id)))
    expect(cloud.connected()).toBe(3)
    for (const round of [1, 2, 3]) {
      vendor.expire()
      const names = await Promise.all([...all, ...all, ...all].map((backends) => whoIs(backends, id)))
      expect(names).toEqual(Array.from({ length: 9 }, () => 'ada'))
      expect(vendor.renewals()).toBe(round)
    }
    expect(cloud.connected()).toBe(3)
    expect((await one.find(id)).status).toBe('connected')
  })

  it('is done by one of those that connect at the same time with a token that has expired', async () => {
    const first = backendsHere()
    const id = await connect(first, await vendorToken(vendor, client))
    await first.close()
    vendor.expire()
    const all = [backendsHere(), backendsHere(), backendsHere()]
    expect(await Promise.all(all.map((backends) => whoIs(backends, id)))).toEqual(['ada', 'ada', 'ada'])
    expect(vendor.renewals()).toBe(1)
  })

  it('is no change that other credentials collide with', async () => {
    const backends = backendsHere()
    const id = await connect(backends, await vendorToken(vendor, client))
    vendor.expire()
    expect(await backends.rotate(id, { client_id: client.id, client_secret: client.secret })).toBe('changed')
    expect(await whoIs(backendsHere(), id)).toBe('ada')
    expect(vendor.renewals()).toBe(1)
    await expect(backends.rotate(id, { client_secret: 'wrong' })).resolves.toBe('changed')
    vendor.expire()
    await expect(backends.rotate(id, { client_secret: 'wronger' })).rejects.toThrow('not stored')
  })

  it('keeps the new token before it gives it to anybody', async () => {
    const { place, stores } = await stored('old')
    const [store, other] = stores
    if (!store || !other) throw new Error('there are two')
    const [database] = databases
    if (!database) throw new Error('it is open')
    const renewals = createRenewals(store, createRenewalLeases(database))
    expect(await renewals.of(place, never)(async (kept) => `${kept}-new`)).toBe('old-new')
    const row = await other.find(place.id)
    if (!row) throw new Error('it was inserted')
    expect([other.optionsOf(row), row.revision, row.renewals]).toEqual([{ token: 'old-new' }, 1, 1])
    expect(place.renewals).toBe(1)
  })

  it('stores later what could not be stored, without asking the vendor again', async () => {
    const { place, stores } = await stored('old')
    const [store] = stores
    const [database] = databases
    if (!store || !database) throw new Error('it is open')
    let isDown = true
    const renewOptions: BackendStore['renewOptions'] = async (row, options) => {
      if (isDown) throw new StorageError('Unavailable', 'The database is down.')
      return store.renewOptions(row, options)
    }
    const renewals = createRenewals({ ...store, renewOptions }, createRenewalLeases(database), [1, 1])
    let asked = 0
    const renew = async (): Promise<string> => `new-${++asked}`
    await expect(renewals.of(place, never)(renew)).rejects.toThrow('The database is down.')
    isDown = false
    expect(await renewals.of(place, never)(renew)).toBe('new-1')
    expect(asked).toBe(1)
  })

  it('leaves a token alone that somebody else put in its place meanwhile', async () => {
    const { place, stores } = await stored('old')
    const [store, other] = stores
    const [database] = databases
    if (!store || !other || !database) throw new Error('it is open')
    const renewals = createRenewals(store, createRenewalLeases(database))
    await renewals.of(
      place,
      never,
    )(async () => {
      await other.replaceOptions(place, { token: 'given' })
      return 'renewed'
    })
    const row = await other.find(place.id)
    expect(row && other.optionsOf(row)).toEqual({ token: 'given' })
  })

  it('is taken over from a process that died, waited for while it lives, and not for ever', async () => {
    const { place } = await stored('old')
    const [one, other] = databases
    if (!one || !other) throw new Error('they are open')
    const times = { affirm: 30, dead: 300, patience: 20_000 }
    await one.updateTable('backend').set({ renewing: 'dead.7' }).execute()
    const start = performance.now()
    const running: string[] = []
    const alone = (database: StateDatabase, name: string) =>
      createRenewalLeases(database, times).alone(place.id, async () => {
        running.push(`${name} begins`)
        await sleep(600)
        running.push(`${name} ends`)
      })
    await Promise.all([alone(one, 'a'), alone(other, 'a')])
    expect(running).toEqual(['a begins', 'a ends', 'a begins', 'a ends'])
    expect(performance.now() - start).toBeGreaterThan(300)
    expect(await one.selectFrom('backend').select('renewing').execute()).toEqual([{ renewing: null }])
    const [begun, enough] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const held = createRenewalLeases(one, times).alone(place.id, () => (begun.resolve(), enough.promise))
    await begun.promise
    const impatient = createRenewalLeases(other, { ...times, patience: 100 })
    await expect(impatient.alone(place.id, async () => {})).rejects.toThrow('Another process')
    const leaving = AbortSignal.timeout(50)
    await expect(createRenewalLeases(other, times).alone(place.id, async () => {}, leaving)).rejects.toThrow('aborted')
    enough.resolve()
    await held
    await expect(createRenewalLeases(other).alone('none', async () => {})).rejects.toThrow('Backend not found')
  })

  it('does not end a grant that somebody else has renewed', async () => {
    const { place, stores } = await stored('old')
    const [store] = stores
    const [database] = databases
    if (!store || !database) throw new Error('it is open')
    const renewals = createRenewals(store, createRenewalLeases(database))
    const keeping = { store, renewals, open: createOpenBackends() }
    const late = { ...place }
    await renewals.of(place, never)(async () => 'new')
    expect(await placeInUse(keeping, late).grantLost()).toBeUndefined()
    expect((await store.find(place.id))?.status).toBe('connected')
    const lost = await placeInUse(keeping, place).grantLost()
    expect([lost?.code, (await store.find(place.id))?.status]).toEqual(['Conflict', 'reauthorize'])
    // Whoever gets a new token after all shows that it was not lost.
    await renewals.of(place, never)(async () => 'newer')
    expect((await store.find(place.id))?.status).toBe('connected')
  })

  it('is waited for before the server ends', async () => {
    const backends = backendsHere()
    const id = await connect(backends, await vendorToken(vendor, client))
    const arrived = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    vendor.beforeRenewal = () => {
      arrived.resolve()
      return answer.promise
    }
    vendor.expire()
    const reading = whoIs(backends, id).catch(() => 'broken off')
    await arrived.promise
    const closing = backends.close()
    answer.resolve()
    await closing
    await reading
    vendor.beforeRenewal = async () => {}
    expect(await whoIs(backendsHere(), id)).toBe('ada')
    expect(vendor.renewals()).toBe(1)
  })

  it('is not possible without a refresh token, and says so', async () => {
    const backends = backendsHere()
    const blob = JSON.parse(await vendorToken(vendor, client)) as { access_token: string }
    const bare = formatBlob({ access: blob.access_token, refresh: '', expires: Number.POSITIVE_INFINITY })
    const id = await connect(backends, bare)
    vendor.expire()
    await expect(whoIs(backends, id)).rejects.toThrow('allow it anew')
    expect((await backends.find(id)).status).toBe('reauthorize')
  })
})
