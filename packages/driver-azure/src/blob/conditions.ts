import { type Conditions, expectConditions, type ReadOptions } from '@filegate/core'
import { totalSize } from '../http/answer.ts'
import { objectOf } from './adapt.ts'
import type { Connection } from './connection.ts'
import { foundDetails } from './head.ts'

/** Conditions that the service evaluates itself. */
export interface PushedConditions {
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
}

export interface Settled {
  readonly conditions: PushedConditions
  /** Of the blob, where it had to be asked for. */
  readonly size?: number | undefined
}

/**
 * The conditions as the service is to evaluate them. Times go by what users see, which the service does not know as a time, and
 * it takes one etag only; such conditions are evaluated here, and the blob must then stay the same. So it must where the
 * range is the end of the blob, which the service cannot be asked for.
 * @throws StorageError `NotModified` or `PreconditionFailed`
 */
export async function settledConditions(
  connection: Connection,
  key: string,
  { conditions = {}, range, signal }: ReadOptions,
): Promise<Settled> {
  const pushed = pushedConditions(conditions)
  if (pushed && !(range && 'suffix' in range)) return { conditions: pushed }
  const { details } = await foundDetails(connection, key, { signal })
  const { facts } = objectOf(key, details)
  expectConditions(conditions, facts, key)
  const size = totalSize(details)
  return { conditions: facts.etag === undefined ? {} : { ifMatch: facts.etag }, ...(size !== undefined && { size }) }
}

/** Conditions that the service understands as they are meant; `undefined` for others. */
export function pushedConditions(conditions: Conditions): PushedConditions | undefined {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions
  if (ifMatch === undefined && ifUnmodifiedSince !== undefined) return undefined
  if (ifNoneMatch === undefined && ifModifiedSince !== undefined) return undefined
  const match = single(ifMatch)
  const noneMatch = single(ifNoneMatch?.map((etag) => etag.replace(/^W\//, '')))
  if (match === null || noneMatch === null) return undefined
  return { ...(match !== undefined && { ifMatch: match }), ...(noneMatch !== undefined && { ifNoneMatch: noneMatch }) }
}

/** `null` for anything but one strong etag. */
function single(etags: readonly string[] | undefined): string | null | undefined {
  if (etags === undefined) return undefined
  const [only, more] = etags
  return only !== undefined && more === undefined && /^"[^"]*"$/.test(only) ? only : null
}
