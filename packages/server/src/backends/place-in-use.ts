import { waitsForUser } from './backend-errors.ts'
import type { BackendStore } from './backend-store.ts'
import type { Connecting } from './connector.ts'
import type { OpenBackends } from './open-backends.ts'
import type { Place, Renewals } from './renewals.ts'
import { keepToken } from './token-keeper.ts'

export interface Keeping {
  readonly store: BackendStore
  readonly open: OpenBackends
  readonly renewals: Renewals
}

/** What a connection does with its row: tokens are kept there, and that a grant is lost is noted there. */
export function placeInUse(
  { store, open, renewals }: Keeping,
  place: Place,
): Pick<Connecting, 'saveToken' | 'renewToken' | 'grantLost'> {
  return {
    saveToken: (token) => keepToken(store, open, place, token),
    renewToken: (signal) => renewals.of(place, signal),
    async grantLost() {
      // Where somebody else renewed the token, or gave another one, meanwhile, nothing is lost.
      await store.mark(place, 'connected', 'reauthorize')
      const row = await store.find(place.id)
      return row?.status === 'reauthorize' ? waitsForUser(place.id, 'reauthorize') : undefined
    },
  }
}
