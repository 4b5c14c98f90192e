import type { Classification } from './classify.ts'
import type { ErrorCode } from './error.ts'
import { member } from './member.ts'

const codes: Readonly<Record<number, ErrorCode>> = {
  304: 'NotModified',
  400: 'InvalidArgument',
  401: 'Unauthenticated',
  402: 'AccessDenied',
  403: 'AccessDenied',
  404: 'NotFound',
  405: 'Unsupported',
  408: 'TimedOut',
  409: 'Conflict',
  410: 'NotFound',
  412: 'PreconditionFailed',
  413: 'TooLarge',
  414: 'InvalidPath',
  415: 'InvalidArgument',
  416: 'RangeNotSatisfiable',
  422: 'InvalidArgument',
  423: 'Conflict',
  425: 'Unavailable',
  429: 'Throttled',
  451: 'AccessDenied',
  501: 'Unsupported',
  505: 'Unsupported',
  507: 'NoSpace',
  509: 'Throttled',
}

/** The code of an HTTP status that is no success; `undefined` for any other number. */
export function codeOfStatus(status: number): ErrorCode | undefined {
  if (codes[status]) return codes[status]
  if (status >= 500 && status <= 599) return 'Unavailable'
  return status >= 400 && status <= 499 ? 'Unexpected' : undefined
}

/** Where vendor libraries keep the status: fetch wrappers, AWS, Google, axios and gaxios, Azure. */
const statusPlaces: readonly (readonly string[])[] = [
  ['status'],
  ['statusCode'],
  ['$metadata', 'httpStatusCode'],
  ['response', 'status'],
  ['response', 'statusCode'],
  ['code'],
]
const headerPlaces: readonly (readonly string[])[] = [['headers'], ['response', 'headers'], ['$response', 'headers']]

const at = (error: unknown, place: readonly string[]): unknown => place.reduce(member, error)

function headerOf(headers: unknown, name: string): string | undefined {
  const value: unknown =
    headers instanceof Headers ? headers.get(name) : (member(headers, name) ?? titled(headers, name))
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

const titled = (headers: unknown, name: string): unknown =>
  member(
    headers,
    name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  )

/**
 * Seconds that a `Retry-After` value means: RFC 9110, section 10.2.3, a number of seconds or a date.
 * @param now Unix time in milliseconds
 */
export function parseRetryAfter(value: string, now: number = Date.now()): number | undefined {
  const text = value.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}

function retryAfterOf(error: unknown): number | undefined {
  const own = member(error, 'retryAfter')
  if (typeof own === 'number' && own >= 0) return own
  for (const place of headerPlaces) {
    const value = headerOf(at(error, place), 'retry-after')
    if (value !== undefined) return parseRetryAfter(value)
  }
  return undefined
}

/** What an error means that carries an HTTP status somewhere. */
export function classificationOfStatus(error: unknown): Classification | undefined {
  for (const place of statusPlaces) {
    const status = at(error, place)
    const code = typeof status === 'number' ? codeOfStatus(status) : undefined
    if (code) return { code, retryAfter: retryAfterOf(error) }
  }
  return undefined
}
