import type { Row } from './row.ts'

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

const rowsInPiece = 128

/** The DirectoryListing of the documents, with its keys in their order, in pieces. */
export function* listingJson({ uri_prefix, user, ...before }: ListingFacts, rows: readonly Row[]): Generator<string> {
  let piece = `${JSON.stringify(before).slice(0, -1)},"paths":[`
  for (const [position, row] of rows.entries()) {
    piece += position === 0 ? rowJson(row) : `,${rowJson(row)}`
    if (position % rowsInPiece !== 0) continue
    yield piece
    piece = ''
  }
  yield `${piece}],${JSON.stringify({ uri_prefix, user }).slice(1)}\n`
}

/** What a name holds when it cannot stand between quotes as it is. */
const needsEscape = /["\\\p{Cc}\p{Cs}]/u

/** One PathItem. Written by hand: the same keys each time, of which only few names need escaping. */
function rowJson({ name, type, size, mtime }: Row): string {
  const quoted = needsEscape.test(name) ? JSON.stringify(name) : `"${name}"`
  return `{"mtime":${mtime},"name":${quoted},"path_type":"${type}","revisions":null,"size":${size}}`
}
