import type { BlobItem } from '@azure/storage-blob'
import type { BucketPage } from '@filegate/core'
import { type BlobAnswer, isFolder, objectOf } from './adapt.ts'
import { type Connection, until } from './connection.ts'
import { emptyAnswer } from './errors.ts'
import { cursorText, orderedFolders, parseCursor } from './folders.ts'
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
  const page = delimited ? await onOneLevel(connection, query) : await onAllLevels(connection, query)
  // The blob that says that there is a directory lies beside it and not in it.
  const isEmpty = page.objects.length + page.prefixes.length === 0
  const isAsked = page.cursor === undefined && prefix !== '' && (!delimited || isEmpty)
  const folder = isAsked ? await folderAt(connection, { container, key: prefix }, query) : undefined
  const isKnown = page.objects.some(({ key }) => key === folder?.key)
  return folder && !isKnown ? { ...page, objects: [...page.objects, folder] } : page
}

async function onOneLevel(connection: Connection, query: BlobQuery): Promise<BucketPage> {
  const { blobs, prefixes, cursor } = await listed(connection, query)
  const named = (key: string): string => `${query.container}/${key}`
  const [folders, files] = [blobs.filter(isFolderBlob), blobs.filter((blob) => !isFolderBlob(blob))]
  const shown = new Set([...prefixes, ...folders.map(({ name }) => `${name}/`)])
  return {
    objects: files.map((blob) => objectOf(named(blob.name), factsOf(blob))),
    prefixes: [...shown].map(named),
    cursor,
  }
}

async function onAllLevels(connection: Connection, query: BlobQuery): Promise<BucketPage> {
  const { token, held } = parseCursor(query.cursor)
  const { blobs, cursor } = await listed(connection, { ...query, cursor: token })
  const keys = blobs.map((blob) => ({ name: blob.name, isFolder: isFolderBlob(blob), blob }))
  const ordered = orderedFolders(keys, { held, isLast: cursor === undefined })
  const named = (key: string): string => `${query.container}/${key}`
  return {
    objects: ordered.placed.map((key) =>
      typeof key === 'string' ? { key: named(key), facts: {} } : objectOf(named(key.name), factsOf(key.blob)),
    ),
    prefixes: [],
    cursor: cursorText({ token: cursor, held: ordered.held }),
  }
}

const isFolderBlob = (blob: BlobItem): boolean => !blob.name.endsWith('/') && isFolder(factsOf(blob))

async function listed(connection: Connection, query: BlobQuery): Promise<Listed> {
  const { vendor, options } = connection
  const { container, prefix, delimited, cursor, limit, signal } = query
  const maxPageSize = Math.max(1, Math.min(options.list_chunk, limit ?? options.list_chunk))
  const paging = { maxPageSize, ...(cursor !== undefined && { continuationToken: cursor }) }
  const asked = { prefix, includeMetadata: true, ...until(signal) }
  const client = vendor.container(container)
  if (delimited) {
    const first = await client.listBlobsByHierarchy('/', asked).byPage(paging).next()
    if (first.done || !isWhole(first.value)) throw emptyAnswer()
    const { segment, continuationToken } = first.value
    const prefixes = segment.blobPrefixes?.map(({ name }) => name) ?? []
    return { blobs: segment.blobItems, prefixes, cursor: continuationToken || undefined }
  }
  const first = await client.listBlobsFlat(asked).byPage(paging).next()
  if (first.done || !isWhole(first.value)) throw emptyAnswer()
  const { segment, continuationToken } = first.value
  return { blobs: segment.blobItems, prefixes: [], cursor: continuationToken || undefined }
}

/** Every answer says where the service is, at its start. */
const isWhole = ({ serviceEndpoint }: { readonly serviceEndpoint: string | undefined }): boolean =>
  Boolean(serviceEndpoint)

const factsOf = ({ properties, metadata }: BlobItem): BlobAnswer => ({ ...properties, metadata })
