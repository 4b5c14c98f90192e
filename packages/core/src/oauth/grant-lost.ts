import { StorageError } from '../error.ts'

const mark = Symbol.for('filegate.GrantLost')

/** The cause of errors after which nobody but the user can help, by allowing access anew. */
class GrantLost extends Error {
  readonly [mark] = true
}

/** What a token ends in that can be renewed no more: it was revoked, has expired, or was never of this client. */
export const grantLost = (message: string, cause?: unknown): StorageError =>
  new StorageError('Unauthenticated', message, { cause: new GrantLost('The grant is lost.', { cause }) })

/** Whether an error, or what caused it, says that a user has to allow access anew. */
export function isGrantLost(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (mark in at) return true
  return false
}
