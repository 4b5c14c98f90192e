import { type Conditions, expectConditions, type ReadOptions, StorageError } from '@filegate/core'
import { objectOf } from './adapt.ts'
import type { Connection } from './connection.ts'
import { foundDetails } from './head.ts'

/** The header fields by which the vendor evaluates conditions itself. */
export interface PushedConditions {
  readonly IfMatch?: string | undefined
  readonly IfNoneMatch?: string | undefined
}

/**
 * The conditions as the vendor is to evaluate them. Times go by what users see, which the vendor does not know as a time,
 * and services differ on lists and weak etags; such conditions are evaluated here, and the object must then stay the same.
 * @throws StorageError `NotModified` or `PreconditionFailed`
 */
export async function settledConditions(
  connection: Connection,
  key: string,
  { conditions = {}, range, version, signal }: ReadOptions,
): Promise<PushedConditions> {
  const pushed = pushedConditions(conditions)
  const asksNothing = range !== undefined && 'suffix' in range && range.suffix === 0
  if (pushed && !asksNothing) return pushed
  const { details } = await foundDetails(connection, key, { signal, version })
  const { facts } = objectOf(key, details, connection.settings)
  expectConditions(conditions, facts, key)
  if (asksNothing) throw new StorageError('RangeNotSatisfiable', 'The range holds no bytes.')
  return facts.etag === undefined ? {} : { IfMatch: facts.etag }
}

/** Conditions that every service understands in the same way; `undefined` for others. */
export function pushedConditions(conditions: Conditions): PushedConditions | undefined {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions
  if (ifMatch === undefined && ifUnmodifiedSince !== undefined) return undefined
  if (ifNoneMatch === undefined && ifModifiedSince !== undefined) return undefined
  const match = single(ifMatch)
  const noneMatch = single(ifNoneMatch?.map((etag) => etag.replace(/^W\//, '')))
  if (match === null || noneMatch === null) return undefined
  return { ...(match !== undefined && { IfMatch: match }), ...(noneMatch !== undefined && { IfNoneMatch: noneMatch }) }
}

/** `null` for anything but one strong etag. */
function single(etags: readonly string[] | undefined): string | null | undefined {
  if (etags === undefined) return undefined
  const [only, more] = etags
  return only !== undefined && more === undefined && /^"[^"]*"$/.test(only) ? only : null
}
