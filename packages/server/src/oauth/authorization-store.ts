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
})

/** What has to be known again when the user comes back. */
export type PendingAuthorization = z.output<typeof pending>

/** Users on their way, in the state database: they may come back to another process, or after a restart. */
export interface AuthorizationStore {
  put(state: string, authorization: PendingAuthorization): Promise<void>
  /** Only once, and only in time. */
  take(state: string): Promise<PendingAuthorization | undefined>
}

/** Milliseconds that a user has. */
export const authorizationLasts = 600_000

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const placeOf = (id: string): string => `authorization/${id}`

export function createAuthorizationStore(database: StateDatabase, key: SecretKey): AuthorizationStore {
  return {
    async put(state, authorization) {
      const now = Date.now()
      await database.deleteFrom('backend_authorization').where('expires_at', '<', now).execute()
      const id = digestOf(state)
      const sealed = seal(key, placeOf(id), JSON.stringify(authorization))
      const row = { id, backend: authorization.backend, sealed, expires_at: now + authorizationLasts }
      await database.insertInto('backend_authorization').values(row).execute()
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
  }
}
