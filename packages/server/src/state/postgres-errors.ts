import { StorageError } from '@filegate/core'

/** Of the system. */
const systemCodes = 'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN ENOENT'
/** Of PostgreSQL: it ends, it starts, it has no connection left, it ended a session that was idle. */
const postgresCodes = '57P01 57P02 57P03 57P05 53300 25P03'
const codes: ReadonlySet<string> = new Set(`${systemCodes} ${postgresCodes}`.split(' '))

/** What pg says without a code when a connection breaks or does not come about. */
const words =
  /^(Connection terminated|timeout exceeded|timeout expired|Client has encountered|Client was closed|Query read timeout)/

/** Whether it is the connection that failed, and not what was asked. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isUnreachable)
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return codes.has(code) || code.startsWith('08') || words.test(error.message)
}

/** What a caller may know of a failed connection; anything else stays as it is. */
export function namedError(error: unknown): unknown {
  if (!isUnreachable(error)) return error
  return new StorageError('Unavailable', 'The database of this server does not answer at the moment.', { cause: error })
}

/** One error for each address of a name comes without words of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reasonOf))].join(', ')
  if (StorageError.is(error) && error.cause !== undefined) return reasonOf(error.cause)
  return error instanceof Error && error.message !== '' ? error.message : String(error)
}
