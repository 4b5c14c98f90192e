import type { BackendStore, GivenOptions } from './backend-store.ts'
import type { OpenBackends } from './open-backends.ts'

/** Tries before giving up: each failure means that somebody else changed the row in between. */
const tries = 5

/**
 * Keeps a renewed token in the row of a backend, whatever else changes there meanwhile. The connection that renewed it goes on
 * with it; those of other processes are made anew.
 */
export async function keepToken(store: BackendStore, open: OpenBackends, id: string, token: string): Promise<void> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const row = await store.find(id)
    if (!row) return
    const options: GivenOptions = { ...store.optionsOf(row), token }
    const revision = await store.replaceOptions(row, options)
    if (revision !== undefined) return open.moved(id, row.revision, revision)
  }
  throw new Error(`The renewed token of the backend ${id} could not be stored.`)
}
