import { StorageError } from '@filegate/core'
import { isLocal } from '../cli/listen-addresses.ts'
import { credentialsFiles, lendingOf } from '../outbound/credentials-files.ts'
import { openState } from '../state/database.ts'
import { secretKey } from '../state/secret-key.ts'
import { backendNotFound, errorAtOpening, waitsForUser } from './backend-errors.ts'
import { type BackendFacts, kindOf, placeOf, unknownKind } from './backend-facts.ts'
import { type BackendRow, type BackendStore, createBackendStore, foundRow } from './backend-store.ts'
import type { Backends, BackendsParts } from './backends.ts'
import { connectBackend, rotateBackend, testBackend, type Workshop } from './changes.ts'
import { createConnect } from './connector.ts'
import { createOpenBackends, type Openable } from './open-backends.ts'
import type { Registry } from './registry.ts'
import { createChangeNotes } from './change-notes.ts'
import { placeInUse } from './place-in-use.ts'
import { createRenewalLeases } from './renewal-lease.ts'
import { createRenewals } from './renewals.ts'
import {
  type AuthorizationParts,
  destinationOf,
  finishAuthorization,
  startAuthorization,
} from '../oauth/authorization.ts'
import { createAuthorizationStore } from '../oauth/authorization-store.ts'

export interface StartParts extends BackendsParts {
  readonly dataDirectory: string
  readonly registry: Registry
}

const defaultPatience = 20_000
const timeToLive = 5_000
/** Milliseconds between two looks for connections that another process has made useless. */
const sweepInterval = 30_000
/** The time of the last use is kept no finer than this: a write for each request would be one too many. */
const usePrecision = 60_000

/** Opens the state and puts the parts together. */
export async function startBackends(parts: StartParts): Promise<Omit<Backends, 'registry'>> {
  const { settings, dataDirectory, registry, say, patience = defaultPatience } = parts
  const database = await openState({ dataDirectory, databaseUrl: settings.databaseUrl })
  const key = secretKey(dataDirectory, parts.secretKeyText)
  const store = createBackendStore(database, key)
  const renewals = createRenewals(store, createRenewalLeases(database))
  const notes = createChangeNotes(store, say)
  const open = createOpenBackends()
  const rules = {
    privateNetwork: settings.privateNetwork || settings.listen.every(isLocal),
    proxy: settings.proxy,
  }
  const clients = settings.oauthClients ?? {}
  const connect = createConnect({
    rules,
    clients,
    credentialsFile: credentialsFiles(settings.credentialsDirectory),
    lendCredentials: lendingOf(settings.credentialsDirectory),
    patience,
    cacheOf: (id) => ({ timeToLive, ...(isShared(settings) && { shared: notes.of(id) }) }),
    say,
  })
  const shop: Workshop = { store, registry, open, connect, renewals, clients }
  const authorization: AuthorizationParts = { shop, rules, pending: createAuthorizationStore(database, key) }
  const noteUse = useNotes(store, say)
  const sweep = setInterval(() => void sweepOnce(shop, say), sweepInterval).unref()
  return {
    async open(id) {
      const { revision, changes = 0, status = 'connected' } = (await store.stateOf(id)) ?? {}
      notes.seen(id, changes)
      if (status !== 'connected') {
        open.forget(id)
        throw waitsForUser(id, status)
      }
      const opened = await open.open(id, revision, () => openable(shop, id))
      noteUse(id)
      return { id, ...opened }
    },
    list: async () => Promise.all((await store.all()).map((row) => factsOf(shop, row))),
    find: async (id) => factsOf(shop, await foundRow(store, id)),
    connect: async (request) => factsOf(shop, await connectBackend(shop, request)),
    test: (id, signal) => testBackend(shop, id, signal),
    rotate: (id, changes, signal) => rotateBackend(shop, id, changes, signal),
    destination: (id) => destinationOf(authorization, id),
    startAuthorization: (id, request) => startAuthorization(authorization, id, request),
    async finishAuthorization(arrival) {
      return factsOf(shop, await finishAuthorization(authorization, arrival))
    },
    remove: (id) => removed(authorization, id),
    async close() {
      clearInterval(sweep)
      await open.close()
      await renewals.over()
      await database.destroy()
    },
  }
}

async function removed({ shop, pending }: AuthorizationParts, id: string): Promise<void> {
  const wasThere = await shop.store.remove(id)
  shop.open.forget(id)
  await pending.forget(id)
  if (!wasThere) throw backendNotFound(id)
}

/** Whether other processes serve the same backends. */
const isShared = ({ workers, databaseUrl }: StartParts['settings']): boolean => workers > 1 || databaseUrl !== undefined

async function openable(shop: Workshop, id: string): Promise<Openable> {
  const { store, registry, connect } = shop
  const row = await foundRow(store, id)
  const options = store.optionsOf(row)
  const definition = await registry.load(row.provider)
  const inUse = placeInUse(shop, { ...row })
  return {
    revision: row.revision,
    provider: row.provider,
    async connect() {
      try {
        return await connect({ definition, id, options, ...inUse })
      } catch (error) {
        throw StorageError.is(error) ? errorAtOpening(id, error) : error
      }
    },
  }
}

async function factsOf({ store, registry }: Workshop, row: BackendRow): Promise<BackendFacts> {
  const { id, provider, status, created_at, last_used } = row
  const known = { id, provider, status, createdAt: created_at, lastUsed: last_used }
  const kind = registry.has(provider) ? kindOf(await registry.load(provider)) : unknownKind(provider)
  try {
    const options = store.optionsOf(row)
    const description = typeof options['description'] === 'string' ? options['description'] : ''
    return { ...known, ...kind, ...placeOf(options), description, problem: null }
  } catch (error) {
    if (!StorageError.is(error)) throw error
    return { ...known, ...kind, server: null, user: null, description: '', problem: error.message }
  }
}

function useNotes(store: BackendStore, say: (message: string) => void): (id: string) => void {
  const noted = new Map<string, number>()
  return (id) => {
    const now = Date.now()
    if (now - (noted.get(id) ?? 0) < usePrecision) return
    noted.set(id, now)
    store.used(id, now).catch((error: unknown) => say(`the use of the backend ${id} was not noted: ${String(error)}`))
  }
}

async function sweepOnce({ store, open }: Workshop, say: (message: string) => void): Promise<void> {
  try {
    const rows = (await store.all()).filter(({ status }) => status === 'connected')
    open.keepOnly(new Map(rows.map(({ id, revision }) => [id, revision])))
  } catch (error) {
    say(`the stored backends could not be looked at: ${String(error)}`)
  }
}
