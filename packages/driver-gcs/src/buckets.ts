import { type BucketObject, type BucketPage, type BucketQuery, type Operation, StorageError } from '@filegate/core'
import { z } from 'zod'
import { type Connection, payer } from './connection.ts'
import { type KeyPage, listKeys } from './list-objects.ts'
import { placeOf } from './place.ts'

/** Stands for a bucket among objects: what is in it may be nothing, and still it is there. */
export const bucketItem = (bucket: string): BucketObject => ({ key: `${bucket}/`, facts: {} })

const answered = z.object({
  items: z.array(z.object({ name: z.string() })).default([]),
  nextPageToken: z.string().optional(),
})

interface BucketNames {
  readonly names: readonly string[]
  readonly cursor?: string | undefined
}

/** A page of the buckets of the project. */
export async function listBuckets(
  connection: Connection,
  {
    cursor,
    limit = 1000,
    signal,
  }: Operation & { readonly cursor?: string | undefined; readonly limit?: number | undefined },
): Promise<BucketNames> {
  const [, , answer] = await connection.vendor.during(signal).getBuckets({
    autoPaginate: false,
    project: projectOf(connection),
    maxResults: Math.max(1, Math.min(limit, 1000)),
    ...(cursor !== undefined && { pageToken: cursor }),
    ...payer(connection),
  })
  const { items, nextPageToken } = answered.parse(answer)
  return { names: items.map(({ name }) => name), cursor: nextPageToken }
}

/** @throws StorageError `InvalidArgument` where nobody said whose buckets they are */
export function projectOf({ project }: Pick<Connection, 'project'>): string {
  if (project !== '') return project
  throw new StorageError('InvalidArgument', 'To list or make buckets, the backend needs its project_number.')
}

/** Pages of keys over all buckets, with their names in front. */
export async function pagesOver(connection: Connection, query: BucketQuery): Promise<BucketPage> {
  if (query.prefix !== '') {
    const { bucket, key: prefix } = placeOf(query.prefix)
    return inBucket(bucket, await listKeys(connection, { ...query, bucket, prefix }), prefix === '')
  }
  if (!query.delimited) return walkBuckets(connection, query)
  const { names, cursor } = await listBuckets(connection, query)
  return { objects: [], prefixes: names.map((name) => `${name}/`), cursor }
}

function inBucket(bucket: string, { objects, prefixes, cursor }: KeyPage, isWhole: boolean): BucketPage {
  const named = objects.map((object) => ({ ...object, key: `${bucket}/${object.key}` }))
  return {
    // On the last page, so that a removal that goes through the pages deletes the bucket when it is empty.
    objects: isWhole && cursor === undefined ? [...named, bucketItem(bucket)] : named,
    prefixes: prefixes.map((prefix) => `${bucket}/${prefix}`),
    cursor,
  }
}

/** One bucket after the other. The cursor is the name of one, a slash, and the cursor inside it. */
async function walkBuckets(connection: Connection, query: BucketQuery): Promise<BucketPage> {
  const { cursor: place = '/', signal } = query
  const slash = place.indexOf('/')
  const [from, inner] = [place.slice(0, slash), place.slice(slash + 1)]
  const [bucket, following] = (await allBuckets(connection, { signal })).filter((name) => name >= from)
  if (bucket === undefined) return { objects: [], prefixes: [] }
  const cursor = bucket === from && inner !== '' ? inner : undefined
  const page = inBucket(bucket, await listKeys(connection, { ...query, bucket, prefix: '', cursor }), true)
  if (page.cursor !== undefined) return { ...page, cursor: `${bucket}/${page.cursor}` }
  return { ...page, cursor: following === undefined ? undefined : `${following}/` }
}

async function allBuckets(connection: Connection, { signal }: Operation): Promise<readonly string[]> {
  const all: string[] = []
  let cursor: string | undefined
  do {
    const page = await listBuckets(connection, { cursor, signal })
    all.push(...page.names)
    cursor = page.cursor
  } while (cursor !== undefined)
  return all.sort()
}
