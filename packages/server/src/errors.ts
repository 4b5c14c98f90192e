import { type ErrorCode, StorageError } from '@filegate/core'
import { type HttpName, httpNameOf } from './http/problem.ts'
import type { Reply } from './http/reply.ts'

/** What each kind of error is in HTTP: the status, and the `code` of the envelope. */
export const httpErrors = {
  NotFound: [404, 'NOT_FOUND'],
  AlreadyExists: [409, 'ALREADY_EXISTS'],
  NotADirectory: [400, 'NOT_A_DIRECTORY'],
  IsADirectory: [400, 'IS_A_DIRECTORY'],
  DirectoryNotEmpty: [409, 'DIRECTORY_NOT_EMPTY'],
  InvalidPath: [400, 'INVALID_PATH'],
  InvalidArgument: [400, 'INVALID_PARAMETER'],
  AccessDenied: [403, 'ACCESS_FORBIDDEN'],
  Unauthenticated: [401, 'UNAUTHENTICATED'],
  PreconditionFailed: [412, 'PRECONDITION_FAILED'],
  NotModified: [304, 'NOT_MODIFIED'],
  RangeNotSatisfiable: [416, 'RANGE_NOT_SATISFIABLE'],
  Conflict: [409, 'CONFLICT'],
  TooLarge: [413, 'TOO_LARGE'],
  NoSpace: [507, 'NO_SPACE'],
  Throttled: [429, 'TOO_MANY_REQUESTS'],
  TimedOut: [504, 'TIMED_OUT'],
  Unavailable: [503, 'UNAVAILABLE'],
  Unsupported: [501, 'UNSUPPORTED'],
  Aborted: [499, 'ABORTED'],
  Unexpected: [500, 'INTERNAL_ERROR'],
} as const satisfies Record<ErrorCode, readonly [number, string]>

/** These say everything with their status. */
const bodiless: ReadonlySet<ErrorCode> = new Set(['PreconditionFailed', 'NotModified', 'RangeNotSatisfiable'])
const withRetryAfter: ReadonlySet<ErrorCode> = new Set(['Throttled', 'Unavailable'])

/** What to say of a request whose target or headers do not parse at all. */
export function malformedRequest(cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StorageError('InvalidPath', `The request is malformed: ${reason}.`, { cause })
}

export const jsonType = 'application/json; charset=utf-8'

/** What an error may say of the place that the request was for. */
export interface ErrorPlace {
  /** The URL of a path below where everything is served. */
  urlOf(path: string): string
  /** The methods that the place takes. */
  methods(): string
}

/** Answers any error in the documented envelope. What we did not foresee is reported to `report`, never to the client. */
export function errorResponse(
  error: unknown,
  reply: Reply,
  report: (error: unknown) => void,
  place?: ErrorPlace,
): Response {
  const known = StorageError.is(error) ? error : undefined
  const code = known?.code ?? 'Unexpected'
  if (code === 'Unexpected') report(error)
  const [usualStatus, usualName] = httpErrors[code]
  const own = known && httpNameOf(known)
  const status = own?.status ?? usualStatus
  const name = own?.code ?? usualName
  const headers: Record<string, string> = { 'cache-control': 'no-store' }
  if (withRetryAfter.has(code)) headers['retry-after'] = String(Math.max(1, Math.ceil(known?.retryAfter ?? 1)))
  if (code === 'Unauthenticated') headers['www-authenticate'] = 'Basic realm="filegate", charset="UTF-8"'
  // RFC 9110, section 15.5.6: it has to be there.
  if (status === 405 && place) headers['allow'] = place.methods()
  if (bodiless.has(code)) return reply(status, headers, null)
  const message = code === 'Unexpected' ? 'The server met an unexpected problem; its log says more.' : known?.message
  const body = JSON.stringify(
    own?.bare ? { error: message } : { success: false, error: message, code: name, ...linksOf(own, place) },
  )
  return reply(status, { ...headers, 'content-type': jsonType }, body)
}

const linksOf = (own: HttpName | undefined, place: ErrorPlace | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(own?.links ?? {}).map(([name, path]) => [name, place?.urlOf(path) ?? path]))
