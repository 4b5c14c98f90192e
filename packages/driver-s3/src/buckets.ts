import type { BucketObject, BucketPage, BucketQuery, Operation } from '@filegate/core'
import { type Connection, until } from './connection.ts'
import { emptyAnswer } from './errors.ts'
import type { KeyLister, KeyPage } from './list-keys.ts'

/** Stands for a bucket among objects: what is in it may be nothing, and still it is there. */
export const bucketItem = (bucket: string): BucketObject => ({ key: `${bucket}/`, facts: {} })

/** The names of all buckets that the key may see, in order. */
export async function bucketNames({ vendor }: Connection, { signal }: Operation): Promise<readonly string[]> {
  const { Buckets, Owner } = await vendor.s3.listBuckets({}, until(signal))
  if (!Buckets && !Owner) throw emptyAnswer()
  return (Buckets ?? []).flatMap(({ Name }) => (Name === undefined ? [] : [Name])).sort()
}

/** Pages of keys, over one bucket or over all of them with their names in front. */
export function pagesOver(connection: Connection, list: KeyLister): (query: BucketQuery) => Promise<BucketPage> {
  const { only, of } = connection.places
  return async (query) => {
    if (only !== undefined) return list({ ...query, bucket: only })
    if (query.prefix === '')
      return query.delimited ? listBuckets(connection, query) : walkBuckets(connection, list, query)
    const { bucket, key: prefix } = of(query.prefix)
    return inBucket(bucket, await list({ ...query, bucket, prefix }), prefix === '')
  }
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

async function listBuckets(connection: Connection, { cursor = '', limit, signal }: BucketQuery): Promise<BucketPage> {
  const names = (await bucketNames(connection, { signal })).filter((name) => name > cursor)
  const page = names.slice(0, Math.max(1, limit ?? names.length))
  return {
    objects: [],
    prefixes: page.map((name) => `${name}/`),
    cursor: page.length < names.length ? page.at(-1) : undefined,
  }
}

/** One bucket after the other. The cursor is the name of one, a slash, and the cursor inside it. */
async function walkBuckets(connection: Connection, list: KeyLister, query: BucketQuery): Promise<BucketPage> {
  const { cursor: place = '/', signal } = query
  const slash = place.indexOf('/')
  const [from, inner] = [place.slice(0, slash), place.slice(slash + 1)]
  const [bucket, following] = (await bucketNames(connection, { signal })).filter((name) => name >= from)
  if (bucket === undefined) return { objects: [], prefixes: [] }
  const cursor = bucket === from && inner !== '' ? inner : undefined
  const page = inBucket(bucket, await list({ ...query, bucket, prefix: '', cursor }), true)
  if (page.cursor !== undefined) return { ...page, cursor: `${bucket}/${page.cursor}` }
  return { ...page, cursor: following === undefined ? undefined : `${following}/` }
}
