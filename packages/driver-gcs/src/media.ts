import type { ByteRange, Operation } from '@filegate/core'
import type { Answer } from './client.ts'
import { type Connection, payer } from './connection.ts'
import type { PushedConditions } from './conditions.ts'
import { apiOf } from './endpoint.ts'
import type { Place } from './place.ts'
import { queryOf } from './vendor.ts'

/** One read, with everything settled that can be before the bytes are asked for. */
export interface Reading extends Operation {
  readonly place: Place
  readonly conditions: PushedConditions
  readonly range?: ByteRange | undefined
  /** The generation; absent for the newest. */
  readonly version?: string | undefined
}

/** `bytes=...` of RFC 9110, section 14.1.2. */
function rangeHeader(range: ByteRange): string {
  if ('suffix' in range) return `bytes=-${range.suffix}`
  return `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}`
}

/** Asks for the bytes as they are stored: the vendor inflates for whoever does not take gzip. */
export function getMedia(connection: Connection, reading: Reading): Promise<Answer> {
  const { place, conditions, range, version, signal } = reading
  const query = { alt: 'media', ...conditions, ...payer(connection), generation: version }
  const path = `/b/${place.bucket}/o/${encodeURIComponent(place.key)}`
  return connection.vendor.exchange({
    method: 'GET',
    url: `${apiOf(connection.endpoint)}${path}${queryOf(query)}`,
    headers: { 'accept-encoding': 'gzip', ...(range && { range: rangeHeader(range) }) },
    signal,
  })
}

/** Of what the bytes are, where the answer tells. */
export function generationIn({ headers }: Answer): string | undefined {
  const told = headers['x-goog-generation']
  return typeof told === 'string' ? told : undefined
}
