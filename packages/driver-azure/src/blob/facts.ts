import { type HashOptions, type LinkOptions, StorageError } from '@filegate/core'
import { objectOf } from './adapt.ts'
import type { Vendor } from './client.ts'
import type { Connection } from './connection.ts'
import { foundDetails } from './head.ts'

/** The MD5 that lies beside a blob. */
export async function hashOf(connection: Connection, key: string, { algorithm, signal }: HashOptions): Promise<string> {
  const { details } = await foundDetails(connection, key, { signal })
  const kept = objectOf(key, details).facts.hashes?.[algorithm]
  if (kept !== undefined) return kept
  throw new StorageError('Unsupported', `Azure has no ${algorithm} of /${key}.`, { path: key })
}

/** Seconds: a week, for who does not say how long, and a year at the most. */
const week = 604_800
const year = 31_536_000

/** A URL under which anybody can read the blob until it expires. */
export async function publicLinkOf(
  connection: Connection,
  share: NonNullable<Vendor['share']>,
  key: string,
  { expiresIn = week, signal }: LinkOptions,
): Promise<string> {
  if (expiresIn < 1 || expiresIn > year) {
    throw new StorageError('InvalidArgument', `A link can last from 1 to ${year} seconds.`)
  }
  const { place } = await foundDetails(connection, key, { signal })
  return share(place, new Date(Date.now() + expiresIn * 1000))
}
