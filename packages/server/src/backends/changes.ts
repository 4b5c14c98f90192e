import { randomBytes } from 'node:crypto'
import { StorageError } from '@filegate/core'
import type { ServerClients } from '../oauth/server-clients.ts'
import { userFlow } from '../oauth/user-flow.ts'
import { backendNotFound, changedMeanwhile, connectionFailed, probeFailed, waitsForUser } from './backend-errors.ts'
import type { ConnectRequest, TestOutcome } from './backends.ts'
import { type BackendRow, foundRow, type GivenOptions } from './backend-store.ts'
import type { Connect, Connecting } from './connector.ts'
import type { LiveDriver } from './live-driver.ts'
import { checkOptions, sameOptions, withCredentials } from './options-check.ts'
import { type Keeping, placeInUse } from './place-in-use.ts'
import type { Registry } from './registry.ts'
import { type Place, tokenOf } from './renewals.ts'

/** What every change of the backends works with. */
export interface Workshop extends Keeping {
  readonly registry: Registry
  readonly connect: Connect
  readonly clients: ServerClients
}

interface Draft {
  readonly uses: Pick<Connecting, 'saveToken' | 'renewToken' | 'grantLost'>
  readonly options: () => GivenOptions
  readonly stored: (place: Place) => void
}

/**
 * A connection whose options are not stored yet: a token that is renewed meanwhile belongs to what will be. `source` is the row
 * that the token comes from, where it is there already: then it is renewed there, whatever becomes of the rest.
 */
function unstored(shop: Workshop, given: GivenOptions, source?: Place): Draft {
  let current = given
  let inUse: ReturnType<typeof placeInUse> | undefined
  let id: string | undefined
  const put = async (kept: string | undefined, token: string): Promise<void> => {
    current = { ...current, token }
    if (id !== undefined) await shop.renewals.keep(id, kept, token)
  }
  return {
    options: () => current,
    stored(place) {
      id = place.id
      inUse = placeInUse(shop, place)
    },
    uses: {
      async saveToken(token) {
        current = { ...current, token }
        await inUse?.saveToken(token)
      },
      renewToken: (signal) => async (renew) => {
        if (inUse) return inUse.renewToken(signal)(renew)
        const kept = tokenOf(current)
        const token = source ? await shop.renewals.of(source, signal)(renew) : await renew(kept)
        if (token !== kept) await put(kept, token)
        return token
      },
      grantLost: async () => inUse?.grantLost(),
    },
  }
}

/** Proves that the options work, stores them and gives the row. Where a user has to allow access first, that is noted. */
export async function connectBackend(shop: Workshop, request: ConnectRequest): Promise<BackendRow> {
  const { provider, options, owner, signal } = request
  const definition = await shop.registry.load(provider)
  checkOptions(definition, options)
  const id = `${definition.idPrefix}${randomBytes(8).toString('hex')}`
  if (await userFlow(definition, options, shop.clients)) {
    await shop.store.insert({ id, provider, owner, options, status: 'pending' })
    return foundRow(shop.store, id)
  }
  const draft = unstored(shop, options)
  const live = await proven(connectionFailed, () => shop.connect({ definition, id, options, signal, ...draft.uses }))
  try {
    const revision = await shop.store.insert({ id, provider, owner, options: draft.options(), status: 'connected' })
    draft.stored({ id, provider, revision, renewals: 0 })
    shop.open.put(id, provider, revision, live)
  } catch (error) {
    await live.close()
    throw error
  }
  return foundRow(shop.store, id)
}

/** Connects with other credentials and, if that works, stores them and goes on with that connection. */
export async function rotateBackend(
  shop: Workshop,
  id: string,
  changes: GivenOptions,
  signal?: AbortSignal,
): Promise<'changed' | 'unchanged'> {
  return rotateRow(shop, await foundRow(shop.store, id), changes, signal)
}

/**
 * The same for a row as it was found.
 * @throws StorageError `Conflict` when it was changed since
 */
export async function rotateRow(
  shop: Workshop,
  row: BackendRow,
  changes: GivenOptions,
  signal?: AbortSignal,
): Promise<'changed' | 'unchanged'> {
  const options = shop.store.optionsOf(row)
  const definition = await shop.registry.load(row.provider)
  const next = withCredentials(definition, options, changes)
  if (sameOptions(options, next) && row.status !== 'reauthorize') return 'unchanged'
  if (row.status !== 'connected' && (await userFlow(definition, next, shop.clients))) {
    await stored(shop, row, next, 'pending')
    return 'changed'
  }
  const draft = unstored(shop, next, 'token' in changes ? undefined : { ...row })
  const live = await proven(probeFailed, () =>
    shop.connect({ definition, id: row.id, options: next, signal, ...draft.uses }),
  )
  try {
    const place = await stored(shop, row, draft.options(), 'connected')
    draft.stored(place)
    shop.open.put(row.id, row.provider, place.revision, live)
    return 'changed'
  } catch (error) {
    await live.close()
    throw error
  }
}

/** Stores options in place of those that were found. A token that was renewed meanwhile is no change that they collide with. */
async function stored(
  { store }: Workshop,
  found: BackendRow,
  next: GivenOptions,
  status: BackendRow['status'],
): Promise<Place> {
  const old = tokenOf(store.optionsOf(found))
  for (let row: BackendRow | undefined = found; row; row = await store.find(found.id)) {
    if (row.revision !== found.revision) throw changedMeanwhile(found.id)
    const token = tokenOf(store.optionsOf(row))
    const isKept = tokenOf(next) === old && token !== old
    const revision = await store.replaceOptions(row, isKept ? { ...next, token } : next, status)
    if (revision !== undefined) return { id: row.id, provider: row.provider, revision, renewals: row.renewals }
  }
  throw backendNotFound(found.id)
}

/** Connects with what is stored, apart from the connection that is in use. */
export async function testBackend(shop: Workshop, id: string, signal?: AbortSignal): Promise<TestOutcome> {
  const row = await foundRow(shop.store, id)
  const options = shop.store.optionsOf(row)
  const definition = await shop.registry.load(row.provider)
  if (row.status === 'pending') return { connected: false, message: waitsForUser(id, 'pending').message }
  const place = { ...row }
  try {
    const live = await shop.connect({ definition, id, options, signal, ...placeInUse(shop, place) })
    await live.close()
    // Whatever was wrong with the grant, it is over.
    await shop.store.mark(place, 'reauthorize', 'connected')
    return { connected: true, message: `${definition.title} answers and accepts the credentials.` }
  } catch (error) {
    if (!StorageError.is(error) || error.code === 'Aborted') throw error
    return { connected: false, message: error.message }
  }
}

/** Whatever keeps a connection from being made is a reason to tell the caller, unless the caller has gone. */
async function proven(
  failed: (reason: string, cause?: unknown) => StorageError,
  connect: () => Promise<LiveDriver>,
): Promise<LiveDriver> {
  try {
    return await connect()
  } catch (error) {
    if (!StorageError.is(error) || error.code === 'Aborted') throw error
    throw failed(error.message, error)
  }
}
