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
  yield `${JSON.stringify(before).slice(0, -1)},"paths":[`
  for (let start = 0; start < rows.length; start += rowsInPiece) {
    const piece = rows.slice(start, start + rowsInPiece).map(rowJson)
    yield (start === 0 ? '' : ',') + piece.join(',')
  }
  yield `],${JSON.stringify({ uri_prefix, user }).slice(1)}\n`
}

/** One PathItem. Written by hand: the same keys each time, of which only the name needs escaping. */
function rowJson({ name, type, size, mtime }: Row): string {
  return `{"mtime":${mtime},"name":${JSON.stringify(name)},"path_type":"${type}","revisions":null,"size":${size}}`
}
