import type { BucketObject } from '@filegate/core'
import { z } from 'zod'
import { type Connection, payer } from './connection.ts'
import { listedFields, objectOf, resource } from './resource.ts'

/** A page of the keys of one bucket. */
export interface KeyQuery {
  readonly bucket: string
  readonly prefix: string
  readonly delimited: boolean
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface KeyPage {
  readonly objects: readonly BucketObject[]
  readonly prefixes: readonly string[]
  readonly cursor?: string | undefined
}

/** The most that the vendor gives at once. */
const mostAtOnce = 1000

export const listing = z.object({
  items: z.array(resource).default([]),
  prefixes: z.array(z.string()).default([]),
  nextPageToken: z.string().optional(),
})

export async function listKeys(connection: Connection, query: KeyQuery): Promise<KeyPage> {
  const { bucket, prefix, delimited, cursor, limit = mostAtOnce, signal } = query
  const [, , answer] = await connection.vendor
    .during(signal)
    .bucket(bucket)
    .getFiles({
      autoPaginate: false,
      maxResults: Math.max(1, Math.min(limit, mostAtOnce)),
      fields: `items(${listedFields}),prefixes,nextPageToken`,
      ...(prefix !== '' && { prefix }),
      ...(delimited && { delimiter: '/' }),
      ...(cursor !== undefined && { pageToken: cursor }),
      ...payer(connection),
    })
  const { items, prefixes, nextPageToken } = listing.parse(answer)
  return {
    objects: items.map((known) => objectOf(known.name, known, connection.options)),
    prefixes,
    ...(nextPageToken !== undefined && { cursor: nextPageToken }),
  }
}
