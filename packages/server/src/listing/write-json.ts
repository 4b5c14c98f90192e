import { JsonChunk, longestNumber, longestUnit } from './json-chunk.ts'
import type { PathType } from './row.ts'
import { type RowColumns, typeOfCode } from './row-columns.ts'

/** What the documents put around the entries of a listing. */
export interface ListingFacts {
  readonly allow_archive: boolean
  readonly allow_delete: boolean
  readonly allow_search: boolean
  readonly allow_upload: boolean
  /** Whether there are accounts at all. */
  readonly auth: boolean
  readonly dir_exists: boolean
  /** The path of the directory, not percent-encoded. */
  readonly href: string
  readonly kind: 'Index'
  readonly uri_prefix: string
  readonly user: string | null
}

const encoder = new TextEncoder()

export interface ListingExtras {
  /** There where a part of the directory was asked for: what to ask for the part behind it with, or null. */
  readonly next?: string | null | undefined
  /** How often each file has changed, by name, where a journal counts that. */
  readonly revisions?: ReadonlyMap<string, number> | undefined
}

/**
 * The DirectoryListing of the documents, with its keys in their order, in chunks.
 *
 * Bytes are written one by one because this leaves nothing behind to be collected: made of strings, a large listing
 * lets the heap of the server grow by tens of megabytes, which it keeps for long.
 */
export function* listingJson(
  { uri_prefix, user, ...before }: ListingFacts,
  { names, types, sizes, times }: RowColumns,
  { next, revisions }: ListingExtras = {},
): Generator<Uint8Array<ArrayBuffer>> {
  const after = { uri_prefix, user, ...(next !== undefined && { next_after: next }) }
  yield encoder.encode(`${JSON.stringify(before).slice(0, -1)},"paths":[`)
  let chunk = new JsonChunk(0)
  let at = 0
  for (const block of names) {
    for (let start = 0; start <= block.length; at++) {
      const separator = block.indexOf('\0', start)
      const end = separator === -1 ? block.length : separator
      const needed = longestRow(end - start)
      if (chunk.room < needed) {
        yield chunk.bytes()
        chunk = new JsonChunk(needed)
      }
      chunk.put(at === 0 ? parts.first : parts.next)
      chunk.number(times[at])
      chunk.put(parts.name)
      chunk.text(block, start, end)
      if (revisions) {
        chunk.put(parts.counted[typeOfCode(types[at])])
        chunk.number(revisions.get(block.slice(start, end)))
        chunk.put(parts.size)
      } else {
        chunk.put(parts.uncounted[typeOfCode(types[at])])
      }
      chunk.number(sizes[at])
      start = end + 1
    }
  }
  yield chunk.bytes()
  yield encoder.encode(`${at === 0 ? '' : '}'}],${JSON.stringify(after).slice(1)}\n`)
}

type Parts = Readonly<Record<PathType, Uint8Array>>

const byType = (text: (type: PathType) => string): Parts => ({
  File: encoder.encode(text('File')),
  Dir: encoder.encode(text('Dir')),
  SymlinkFile: encoder.encode(text('SymlinkFile')),
  SymlinkDir: encoder.encode(text('SymlinkDir')),
})

/** What stands between the values, in as few pieces as possible: putting one in place is what takes the time. */
const parts = {
  first: encoder.encode('{"mtime":'),
  next: encoder.encode('},{"mtime":'),
  name: encoder.encode(',"name":"'),
  counted: byType((type) => `","path_type":"${type}","revisions":`),
  size: encoder.encode(',"size":'),
  uncounted: byType((type) => `","path_type":"${type}","revisions":null,"size":`),
} as const

const longestRest = parts.next.length + parts.name.length + parts.uncounted.SymlinkFile.length + 3 * longestNumber
const longestRow = (nameLength: number): number => nameLength * longestUnit + longestRest
