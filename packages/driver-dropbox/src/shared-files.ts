import {
  type Entry,
  expectConditions,
  type FileEntry,
  isADirectory,
  joinPath,
  type ListOptions,
  notADirectory,
  notFound,
  type Operation,
  type Page,
  type ReadOptions,
  type ReadResult,
  root,
  StorageError,
  type StorageDriver,
  type StoragePath,
  throwIfAborted,
} from '@filegate/core'
import { z } from 'zod'
import { until } from './connection.ts'
import { collect } from './collect.ts'
import { distinctNames } from './distinct-names.ts'
import { directoryEntry } from './entries.ts'
import { partOf } from './part-of.ts'
import { asksNothing } from './range-header.ts'
import { pageWithin } from './page-within.ts'
import type { Vendor } from './vendor.ts'

/** Files that the vendor gives in an answer at most. */
const largestPage = 300
/** Milliseconds. */
const remembered = 60_000

const received = z.object({
  name: z.string(),
  id: z.string(),
  preview_url: z.string(),
  time_invited: z.string().optional(),
})
type Received = z.output<typeof received>
const answer = z.object({ entries: z.array(received), cursor: z.string().optional() })

/** What a link to a file tells of it. */
const linked = z.object({ size: z.number(), rev: z.string() })

interface Source {
  readonly vendor: Vendor
  /** By the names under which they are shown. */
  readonly listing: (options: Operation) => Promise<ReadonlyMap<string, Received>>
  /** @throws StorageError `NotFound` */
  readonly find: (path: StoragePath, options: Operation) => Promise<Received>
}

/** The files that others share one by one: to be listed and read, and nothing else. They have no folders. */
export function sharedFilesDriver(vendor: Vendor): StorageDriver {
  const source = rememberingSource(vendor)
  return {
    provider: 'dropbox',
    traits: {
      // The call that reads them knows no ranges.
      ranges: 'discarded',
      directories: 'real',
      caseSensitive: false,
      hashes: [],
      modifiedPrecision: 1000,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
    },
    stat: (path, options = {}) => stat(source, path, options),
    list: (path, options = {}) => list(source, path, options),
    read: (path, options = {}) => read(source, path, options),
  }
}

async function stat({ vendor, find }: Source, path: StoragePath, options: Operation): Promise<Entry> {
  throwIfAborted(options.signal)
  if (path === root) return directoryEntry(path)
  const file = await find(path, options)
  const { result } = await vendor.api.sharingGetSharedLinkMetadata({ url: file.preview_url }, until(options.signal))
  return entryOf(path, file, linked.parse(result))
}

async function list({ listing, find }: Source, path: StoragePath, options: ListOptions): Promise<Page<Entry>> {
  throwIfAborted(options.signal)
  if (path !== root) {
    await find(path, options)
    throw notADirectory(path)
  }
  // Further pages are of what the first one was a page of.
  const files = [...(await listing({ ...options, fresh: options.cursor === undefined }))]
  const { items, ...rest } = pageWithin(files, options)
  return { items: items.map(([name, file]) => entryOf(joinPath(root, name), file)), ...rest }
}

async function read(
  { vendor, find }: Source,
  path: StoragePath,
  { range, conditions, version, signal }: ReadOptions,
): Promise<ReadResult> {
  throwIfAborted(signal)
  if (path === root) throw isADirectory(path)
  const file = await find(path, { signal })
  const answered = await vendor.download('sharing/get_shared_link_file', { url: file.preview_url }, { signal })
  try {
    const known = linked.parse(answered.result)
    const entry = entryOf(path, file, known)
    if (version !== undefined && version !== known.rev) throw notFound(path)
    if (conditions) expectConditions(conditions, entry, path)
    if (range && asksNothing(range)) throw new StorageError('RangeNotSatisfiable', 'The range holds no bytes.')
    return range ? partOf(entry, answered, { range, size: known.size }) : { entry, body: answered.body }
  } catch (error) {
    if (!answered.body.locked) await answered.body.cancel()
    throw error
  }
}

/** Remembers the listing for a minute; what is not in it is looked for in a new one. */
function rememberingSource(vendor: Vendor): Source {
  let listed: { readonly files: ReadonlyMap<string, Received>; readonly until: number } | undefined
  async function listing(options: Operation): Promise<ReadonlyMap<string, Received>> {
    if (listed !== undefined && listed.until > Date.now() && !options.fresh) return listed.files
    const files = await all(vendor, options)
    listed = { files, until: Date.now() + remembered }
    return files
  }
  const fileIn = (files: ReadonlyMap<string, Received>, path: StoragePath): Received | undefined =>
    [...files].find(([name]) => name.toLowerCase() === path.toLowerCase())?.[1]
  async function find(path: StoragePath, options: Operation): Promise<Received> {
    const before = listed?.files
    const known = await listing(options)
    const found =
      fileIn(known, path) ?? (known === before ? fileIn(await listing({ ...options, fresh: true }), path) : undefined)
    if (!found) throw notFound(path)
    return found
  }
  return { vendor, listing, find }
}

/** By the names under which they are shown. */
async function all({ api }: Vendor, { signal }: Operation): Promise<ReadonlyMap<string, Received>> {
  const files = await collect(
    async () => answer.parse((await api.sharingListReceivedFiles({ limit: largestPage }, until(signal))).result),
    async (cursor) => answer.parse((await api.sharingListReceivedFilesContinue({ cursor }, until(signal))).result),
  )
  return distinctNames(files, ({ id }) => id)
}

/** Its time is that of the invitation, which is all that the listing tells. */
function entryOf(path: StoragePath, file: Received, known?: z.output<typeof linked>): FileEntry {
  const modified = Date.parse(file.time_invited ?? '')
  return {
    kind: 'file',
    path,
    name: path,
    ...(Number.isFinite(modified) && { modified }),
    ...(known && { size: known.size, etag: `"${known.rev}"`, version: known.rev }),
  }
}
