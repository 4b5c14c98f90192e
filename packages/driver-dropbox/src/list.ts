import {
  type Entry,
  joinPath,
  type ListOptions,
  type Page,
  root,
  type StoragePath,
  throwIfAborted,
} from '@filegate/core'
import { z } from 'zod'
import { type Connection, until } from './connection.ts'
import { isName } from './distinct-names.ts'
import { entryOf } from './entries.ts'
import { metadata, type Metadata } from './metadata.ts'
import type { FolderNames } from './walk-memory.ts'
import { formatCursor, type PageCursor, parseCursor } from './page-cursor.ts'

/** Entries that the vendor gives in an answer at most. */
const largestPage = 2000

/** What a page of a listing is. */
export const listed = z.object({ entries: z.array(metadata), cursor: z.string(), has_more: z.boolean() })
type Listed = z.output<typeof listed>

export async function listDirectory(
  connection: Connection,
  path: StoragePath,
  options: ListOptions,
): Promise<Page<Entry>> {
  return pageOf(connection, path, { ...options, recursive: false }, (known) => joinPath(path, known.name))
}

/** Everything below, as the vendor lists it by itself. */
export async function walkDirectory(
  connection: Connection,
  path: StoragePath,
  options: ListOptions,
): Promise<Page<Entry>> {
  const depth = path === root ? 0 : path.split('/').length
  const from = options.cursor === undefined ? '' : parseCursor(options.cursor).from
  const folders = connection.walks.recall(from)
  const page = await pageOf(connection, path, { ...options, recursive: true }, pathsBelow(path, depth, folders))
  if (page.cursor === undefined) connection.walks.drop(folders)
  else connection.walks.keep(parseCursor(page.cursor).from, folders)
  return page
}

/** The vendor vouches for the case of last names only, so folders are called as they were when they were listed themselves. */
function pathsBelow(
  path: StoragePath,
  depth: number,
  folders: FolderNames,
): (known: Metadata) => StoragePath | undefined {
  return (known) => {
    const { '.tag': kind, name, path_lower: lower = '' } = known
    const folder = folders.get(lower.slice(0, lower.lastIndexOf('/')))
    const own = folder === undefined ? pathBelow(path, depth, known) : joinPath(folder, name)
    if (own !== undefined && kind === 'folder' && lower !== '') folders.set(lower, own)
    return own
  }
}

/** `undefined` for the directory itself, which the vendor lists, too. */
export function pathBelow(path: StoragePath, depth: number, known: Metadata): StoragePath | undefined {
  const names = (known.path_display ?? known.path_lower ?? '').split('/').slice(1 + depth)
  if (names.length === 0) return undefined
  return [...names.slice(0, -1), known.name].reduce<StoragePath>(joinPath, path)
}

interface Listing extends ListOptions {
  readonly recursive: boolean
}

async function pageOf(
  connection: Connection,
  path: StoragePath,
  listing: Listing,
  pathOf: (known: Metadata) => StoragePath | undefined,
): Promise<Page<Entry>> {
  throwIfAborted(listing.signal)
  const { limit = largestPage } = listing
  const at: PageCursor =
    listing.cursor === undefined
      ? { from: '', skip: 0, limit: Math.min(largestPage, Math.max(1, limit)) }
      : parseCursor(listing.cursor)
  const { entries, cursor, has_more } = await answerAt(connection, path, listing, at)
  const rest = itemsOf(entries, pathOf).slice(at.skip)
  if (rest.length > limit) {
    return { items: rest.slice(0, limit), cursor: formatCursor({ ...at, skip: at.skip + limit }) }
  }
  return { items: rest, ...(has_more && { cursor: formatCursor({ from: cursor, skip: 0, limit: at.limit }) }) }
}

async function answerAt(
  { vendor, places }: Connection,
  path: StoragePath,
  { recursive, signal }: Listing,
  { from, limit }: PageCursor,
): Promise<Listed> {
  const { result } =
    from === ''
      ? await vendor.api.filesListFolder({ path: await places.of(path, { signal }), recursive, limit }, until(signal))
      : await vendor.api.filesListFolderContinue({ cursor: from }, until(signal))
  return listed.parse(result)
}

/** What has a name that no path can hold cannot be asked for either; the rest of the folder is listed all the same. */
export const isStorable = ({ name, path_display: shown }: Metadata): boolean =>
  isName(name) && !(shown ?? '').split('/').some((part) => part !== '' && !isName(part))

/** Listings go on into changes: what comes later of a path holds, and what is gone is told as deleted. */
function itemsOf(entries: readonly Metadata[], pathOf: (known: Metadata) => StoragePath | undefined): Entry[] {
  const items = new Map<string, Entry>()
  for (const known of entries) {
    const path = isStorable(known) ? pathOf(known) : undefined
    if (path === undefined) continue
    const key = known.path_lower ?? path
    items.delete(key)
    if (known['.tag'] !== 'deleted') items.set(key, entryOf(path, known))
  }
  return [...items.values()]
}
