import type { BackendStore, GivenOptions } from './backend-store.ts'
import type { OpenBackends } from './open-backends.ts'
import type { Place } from './renewals.ts'

/** Tries before giving up: each failure means that somebody else changed the row in between. */
const tries = 5

/**
 * Keeps a token that a driver renewed by itself in the row of a backend, whatever else changes there meanwhile. The connection
 * that renewed it goes on with it; those of other processes are made anew.
 */
export async function keepToken(store: BackendStore, open: OpenBackends, place: Place, token: string): Promise<void> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const row = await store.find(place.id)
    if (!row) return
    const options: GivenOptions = { ...store.optionsOf(row), token }
    const revision = await store.replaceOptions(row, options)
    if (revision === undefined) continue
    if (place.revision === row.revision) Object.assign(place, { revision, renewals: row.renewals })
    return open.moved(place.id, row.revision, revision)
  }
  throw new Error(`The renewed token of the backend ${place.id} could not be stored.`)
}
