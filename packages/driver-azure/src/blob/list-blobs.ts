import type { BucketPage } from '@filegate/core'
import { streamOf } from '@filegate/core/http-body'
import { isFolder, objectOf } from './adapt.ts'
import type { Connection } from './connection.ts'
import { refusalOf } from './errors.ts'
import { cursorText, orderedFolders, parseCursor } from './folders.ts'
import { folderAt } from './head.ts'
import { type ListedBlob, type Listing, readListing } from './listing-text.ts'

/** A page of the keys of one container. */
export interface BlobQuery {
  readonly container: string
  readonly prefix: string
  readonly delimited: boolean
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
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
  const { blobs, prefixes, marker: cursor } = await listed(connection, query)
  const named = (key: string): string => `${query.container}/${key}`
  const [folders, files] = [blobs.filter(isFolderBlob), blobs.filter((blob) => !isFolderBlob(blob))]
  const shown = new Set([...prefixes, ...folders.map(({ name }) => `${name}/`)])
  return {
    objects: files.map((blob) => objectOf(named(blob.name), blob.answer)),
    prefixes: [...shown].map(named),
    cursor,
  }
}

async function onAllLevels(connection: Connection, query: BlobQuery): Promise<BucketPage> {
  const { token, held } = parseCursor(query.cursor)
  const { blobs, marker: cursor } = await listed(connection, { ...query, cursor: token })
  const keys = blobs.map((blob) => ({ name: blob.name, isFolder: isFolderBlob(blob), blob }))
  const ordered = orderedFolders(keys, { held, isLast: cursor === undefined })
  const named = (key: string): string => `${query.container}/${key}`
  return {
    objects: ordered.placed.map((key) =>
      typeof key === 'string' ? { key: named(key), facts: {} } : objectOf(named(key.name), key.blob.answer),
    ),
    prefixes: [],
    cursor: cursorText({ token: cursor, held: ordered.held }),
  }
}

const isFolderBlob = ({ name, answer }: ListedBlob): boolean => !name.endsWith('/') && isFolder(answer)

async function listed({ vendor, options }: Connection, query: BlobQuery): Promise<Listing> {
  const { container, prefix, delimited, cursor, limit, signal } = query
  const asked: Readonly<Record<string, string>> = {
    restype: 'container',
    comp: 'list',
    include: 'metadata',
    maxresults: String(Math.max(1, Math.min(options.list_chunk, limit ?? options.list_chunk))),
    ...(prefix !== '' && { prefix }),
    ...(delimited && { delimiter: '/' }),
    ...(cursor !== undefined && { marker: cursor }),
  }
  const { url } = vendor.container(container)
  const more = Object.entries(asked).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const answer = await vendor.ask(`${url}${url.includes('?') ? '&' : '?'}${more.join('&')}`, signal)
  if (answer.status !== 200) throw refusalOf(answer)
  return readListing(streamOf(answer.readableStreamBody))
}
