import { randomBytes } from 'node:crypto'
import { StorageError } from '@filegate/core'
import { backendNotFound, changedMeanwhile, connectionFailed, probeFailed } from './backend-errors.ts'
import type { ConnectRequest, TestOutcome } from './backends.ts'
import { type BackendRow, type BackendStore, foundRow, type GivenOptions } from './backend-store.ts'
import type { Connect } from './connector.ts'
import type { LiveDriver } from './live-driver.ts'
import type { OpenBackends } from './open-backends.ts'
import { checkOptions, sameOptions, withCredentials } from './options-check.ts'
import type { Registry } from './registry.ts'
import { keepToken } from './token-keeper.ts'

/** What every change of the backends works with. */
export interface Workshop {
  readonly store: BackendStore
  readonly registry: Registry
  readonly open: OpenBackends
  readonly connect: Connect
}

interface Draft {
  readonly options: () => GivenOptions
  readonly stored: () => void
  readonly saveToken: (token: string) => Promise<void>
}

/** A connection whose options are not stored yet: a token that is renewed meanwhile belongs to what will be. */
function unstored(shop: Workshop, id: string, options: GivenOptions): Draft {
  let current = options
  let isStored = false
  return {
    options: () => current,
    stored: () => void (isStored = true),
    saveToken: async (token: string): Promise<void> => {
      current = { ...current, token }
      if (isStored) await keepToken(shop.store, shop.open, id, token)
    },
  }
}

/** Proves that the options work, stores them and gives the row. */
export async function connectBackend(shop: Workshop, request: ConnectRequest): Promise<BackendRow> {
  const { provider, options, owner, signal } = request
  const definition = await shop.registry.load(provider)
  checkOptions(definition, options)
  const id = `${definition.idPrefix}${randomBytes(8).toString('hex')}`
  const draft = unstored(shop, id, options)
  const live = await proven(connectionFailed, () =>
    shop.connect({ definition, id, options, signal, saveToken: draft.saveToken }),
  )
  try {
    const revision = await shop.store.insert({ id, provider, owner, options: draft.options() })
    draft.stored()
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
  const row = await foundRow(shop.store, id)
  const options = shop.store.optionsOf(row)
  const definition = await shop.registry.load(row.provider)
  const next = withCredentials(definition, options, changes)
  if (sameOptions(options, next)) return 'unchanged'
  const draft = unstored(shop, id, next)
  const live = await proven(probeFailed, () =>
    shop.connect({ definition, id, options: next, signal, saveToken: draft.saveToken }),
  )
  try {
    const revision = await shop.store.replaceOptions(row, draft.options())
    if (revision === undefined) throw (await shop.store.find(id)) ? changedMeanwhile(id) : backendNotFound(id)
    draft.stored()
    shop.open.put(id, row.provider, revision, live)
    return 'changed'
  } catch (error) {
    await live.close()
    throw error
  }
}

/** Connects with what is stored, apart from the connection that is in use. */
export async function testBackend(shop: Workshop, id: string, signal?: AbortSignal): Promise<TestOutcome> {
  const row = await foundRow(shop.store, id)
  const options = shop.store.optionsOf(row)
  const definition = await shop.registry.load(row.provider)
  const saveToken = (token: string): Promise<void> => keepToken(shop.store, shop.open, id, token)
  try {
    const live = await shop.connect({ definition, id, options, signal, saveToken })
    await live.close()
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
