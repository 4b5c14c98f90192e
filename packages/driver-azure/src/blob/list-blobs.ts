import type { BlobItem } from '@azure/storage-blob'
import { type BucketObject, type BucketPage, StorageError } from '@filegate/core'
import { type BlobAnswer, isFolder, objectOf } from './adapt.ts'
import { type Connection, until } from './connection.ts'
import { folderAt } from './head.ts'

/** A page of the keys of one container. */
export interface BlobQuery {
  readonly container: string
  readonly prefix: string
  readonly delimited: boolean
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

interface Listed {
  readonly blobs: readonly BlobItem[]
  readonly prefixes: readonly string[]
  readonly cursor: string | undefined
}

export async function listBlobs(connection: Connection, query: BlobQuery): Promise<BucketPage> {
  const { container, prefix, delimited } = query
  const { blobs, prefixes, cursor } = await listed(connection, query)
  const named = (key: string): string => `${container}/${key}`
  const objects = blobs.map((blob) => (isFolder(factsOf(blob)) ? blob.name : objectOf(named(blob.name), factsOf(blob))))
  const files = objects.filter((object): object is BucketObject => typeof object !== 'string')
  const folders = objects.filter((object) => typeof object === 'string').filter((name) => !name.endsWith('/'))
  const shown = delimited ? new Set([...prefixes, ...folders.map((name) => `${name}/`)]) : []
  const page = { objects: files, prefixes: [...shown].map(named), ...(cursor !== undefined && { cursor }) }
  // The blob that says that there is a directory lies beside it and not in it.
  const isEnd = cursor === undefined && prefix !== '' && (!delimited || files.length + page.prefixes.length === 0)
  const folder = isEnd ? await folderAt(connection, { container, key: prefix }, query) : undefined
  return folder ? { ...page, objects: [...files, folder] } : page
}

async function listed(connection: Connection, query: BlobQuery): Promise<Listed> {
  const { vendor, options } = connection
  const { container, prefix, delimited, cursor, limit, signal } = query
  const maxPageSize = Math.max(1, Math.min(options.list_chunk, limit ?? options.list_chunk))
  const paging = { maxPageSize, ...(cursor !== undefined && { continuationToken: cursor }) }
  const asked = { prefix, includeMetadata: true, ...until(signal) }
  const client = vendor.container(container)
  if (delimited) {
    const first = await client.listBlobsByHierarchy('/', asked).byPage(paging).next()
    if (first.done) throw emptyAnswer()
    const { segment, continuationToken } = first.value
    const prefixes = segment.blobPrefixes?.map(({ name }) => name) ?? []
    return { blobs: segment.blobItems, prefixes, cursor: continuationToken || undefined }
  }
  const first = await client.listBlobsFlat(asked).byPage(paging).next()
  if (first.done) throw emptyAnswer()
  const { segment, continuationToken } = first.value
  return { blobs: segment.blobItems, prefixes: [], cursor: continuationToken || undefined }
}

const emptyAnswer = (): StorageError =>
  new StorageError('Unavailable', 'The answer of the service to a listing was empty.')

const factsOf = ({ properties, metadata }: BlobItem): BlobAnswer => ({ ...properties, metadata })
