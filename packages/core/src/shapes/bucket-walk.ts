import type { Entry, ListOptions, Page } from '../contract.ts'
import { StorageError } from '../error.ts'
import type { StoragePath } from '../path.ts'
import { directoryAt, fileAt, isMarker, pathBelow, prefixOf } from './bucket-keys.ts'
import type { BucketLookup } from './bucket-lookup.ts'
import type { BucketObject, BucketSource } from './bucket-source.ts'

/** Where a walk goes on. One page of keys can give several pages of entries, for keys imply directories. */
interface Place {
  /** Entries of the page of keys that were given out before. */
  readonly given: number
  /** The last key before the page; what it implies is not repeated. */
  readonly lastKey: string
  /** The vendor's cursor to the page. */
  readonly cursor: string | undefined
}

const start: Place = { given: 0, lastKey: '', cursor: undefined }

/** Everything below a directory in one flat listing, with the directories that the keys imply, each before what it holds. */
export async function walkKeys<Item extends BucketObject>(
  source: BucketSource<Item>,
  lookup: BucketLookup<Item>,
  path: StoragePath,
  { cursor, limit, signal, fresh }: ListOptions,
): Promise<Page<Entry>> {
  const place = cursor === undefined ? start : parsePlace(cursor)
  const prefix = prefixOf(path)
  const query = { prefix, delimited: false, cursor: place.cursor, limit, signal, fresh }
  const page = await source.pages(query)
  const nothing = page.objects.length === 0 && page.cursor === undefined
  if (nothing && cursor === undefined && prefix !== '') throw await lookup.noDirectory(path, { signal, fresh })

  const entries = entriesOf(page.objects, path, place.lastKey)
  const end = limit === undefined ? entries.length : Math.min(entries.length, place.given + Math.max(1, limit))
  const items = entries.slice(place.given, end)
  if (end < entries.length) return { items, cursor: placeText({ ...place, given: end }) }
  if (page.cursor === undefined) return { items }
  const lastKey = page.objects.at(-1)?.key ?? place.lastKey
  return { items, cursor: placeText({ given: 0, lastKey, cursor: page.cursor }) }
}

/** Keys come in order, so all keys below one prefix come together: a directory is new when the key before lies outside it. */
function entriesOf(objects: readonly BucketObject[], top: StoragePath, lastKey: string): Entry[] {
  const prefixLength = prefixOf(top).length
  let before = lastKey
  return objects.flatMap((object) => {
    const { key } = object
    const known = before
    before = key
    const directories = prefixesOf(key, prefixLength).filter((prefix) => !known.startsWith(prefix))
    const entries: Entry[] = directories.map((prefix) => directoryAt(pathBelow(top, prefix)))
    if (!isMarker(key)) entries.push(fileAt(pathBelow(top, key), object))
    return entries
  })
}

/** Every part of the key that ends in a `/` behind the first `length` characters, the shortest first. */
function prefixesOf(key: string, length: number): string[] {
  const prefixes: string[] = []
  for (let slash = key.indexOf('/', length); slash !== -1; slash = key.indexOf('/', slash + 1)) {
    prefixes.push(key.slice(0, slash + 1))
  }
  return prefixes
}

const placeText = ({ given, lastKey, cursor }: Place): string => JSON.stringify([given, lastKey, cursor ?? null])

/** @throws StorageError `InvalidArgument` on anything that `placeText` did not make. */
function parsePlace(text: string): Place {
  const [given, lastKey, cursor] = parsedList(text)
  if (typeof given !== 'number' || !Number.isSafeInteger(given) || given < 0 || typeof lastKey !== 'string') {
    throw new StorageError('InvalidArgument', 'The cursor is none that this storage gave out.')
  }
  return { given, lastKey, cursor: typeof cursor === 'string' ? cursor : undefined }
}

function parsedList(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}
