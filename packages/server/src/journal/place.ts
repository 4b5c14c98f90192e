import type { Owner } from './entry.ts'
import type { PlaceTable } from './schema.ts'

export type Kind = Exclude<PlaceTable['kind'], 'gone'>

/** What stands at a path, as it was found on disk. */
export interface Found extends Owner {
  readonly kind: Kind
  /** Bytes; null for folders. */
  readonly size: number | null
  /** Unix milliseconds. */
  readonly modified: number | null
  readonly inode: string | null
  readonly etag: string | null
  /** SHA-256 of a file, or of the text of a link; null while it is not known. */
  readonly hash: string | null
}

/** What is known of a path. */
export type Place = PlaceTable

const nothing = {
  kind: 'gone',
  size: null,
  modified: null,
  inode: null,
  etag: null,
  mode: null,
  uid: null,
  gid: null,
  hash: null,
  line: null,
  line_length: 0,
} as const

/** A path of which nothing is known yet. */
export function newPlace(path: string): Place {
  return { ...nothing, path, parent: parentOf(path), seq: 0, revisions: 0 }
}

/** A path at which nothing stands any more; its numbers go on if something comes back. */
export const emptied = (place: Place): Place => ({ ...place, ...nothing })

/** The folder that holds a path; `''` is the root, which is its own parent. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
