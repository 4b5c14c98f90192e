import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { StateDatabase } from '../state/database.ts'
import { seal, unseal } from '../state/sealing.ts'
import type { SecretKey } from '../state/secret-key.ts'

const pending = z.object({
  backend: z.string(),
  /** Of the proof key. */
  verifier: z.string(),
  redirectUri: z.string(),
  /** SHA-256 of what only the browser knows that was sent to the vendor. */
  browser: z.string(),
  /** Who sent it; null where the server has no accounts. */
  user: z.string().nullable(),
  clientId: z.string(),
  tokenUrl: z.string(),
  /** The origin of the page, where a caller chose it: whoever comes back does so from there. */
  issuer: z.string().nullable(),
})

/** What has to be known again when the user comes back. */
export type PendingAuthorization = z.output<typeof pending>

/** Users on their way, in the state database: they may come back to another process, or after a restart. */
export interface AuthorizationStore {
  put(state: string, authorization: PendingAuthorization): Promise<void>
  /** Only once, and only in time. */
  take(state: string): Promise<PendingAuthorization | undefined>
  /** Nobody comes back to that backend. */
  forget(backend: string): Promise<void>
}

/** Users on their way for one backend. Of more than these, those who began first have to begin anew. */
const mostOnTheirWay = 20

/** Milliseconds that a user has. */
export const authorizationLasts = 600_000

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const placeOf = (id: string): string => `authorization/${id}`

export function createAuthorizationStore(database: StateDatabase, key: SecretKey): AuthorizationStore {
  return {
    async put(state, authorization) {
      const now = Date.now()
      await database
        .deleteFrom('backend_authorization')
        // What ends later was stored before a clock was set back, and would never be the oldest.
        .where((row) => row.or([row('expires_at', '<', now), row('expires_at', '>', now + 2 * authorizationLasts)]))
        .execute()
      const id = digestOf(state)
      const sealed = seal(key, placeOf(id), JSON.stringify(authorization))
      const row = { id, backend: authorization.backend, sealed, expires_at: now + authorizationLasts }
      await database.insertInto('backend_authorization').values(row).execute()
      await dropOldest(database, authorization.backend)
    },
    async take(state) {
      const id = digestOf(state)
      const row = await database
        .deleteFrom('backend_authorization')
        .where('id', '=', id)
        .returning(['sealed', 'expires_at'])
        .executeTakeFirst()
      if (!row || row.expires_at < Date.now()) return undefined
      return pending.parse(JSON.parse(unseal(key, placeOf(id), row.sealed)))
    },
    async forget(backend) {
      await database.deleteFrom('backend_authorization').where('backend', '=', backend).execute()
    },
  }
}

async function dropOldest(database: StateDatabase, backend: string): Promise<void> {
  const surplus = await database
    .selectFrom('backend_authorization')
    .select('id')
    .where('backend', '=', backend)
    .orderBy('expires_at', 'desc')
    // SQLite takes no offset without a limit.
    .limit(1000)
    .offset(mostOnTheirWay)
    .execute()
  if (surplus.length === 0) return
  const ids = surplus.map(({ id }) => id)
  await database.deleteFrom('backend_authorization').where('id', 'in', ids).execute()
}
