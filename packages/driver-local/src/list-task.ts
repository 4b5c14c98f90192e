import type { Columns } from './columns.ts'
import type { DirectoryTask } from './directory-rows.ts'

/** One page of a large directory. The directory is held open by who asks, for as long as this takes. */
export interface ListTask extends DirectoryTask {
  /** The names that were read for the first page are kept under this number for those that follow. */
  readonly snapshot: number
  /** Of the directory, to tell whether the kept names are its. */
  readonly identity: string
  readonly position: Position
  readonly count: number
}

/** How far a listing got: so many names were given, and the last of them was this one. */
export interface Position {
  readonly offset: number
  readonly last: string
}

export interface ListReply {
  readonly columns: Columns
  /** Absent after the last page. */
  readonly next?: Position | undefined
}

/**
 * Where to go on in `names`, which may have been read anew. File systems keep their order while entries come and go, so
 * the place behind the last name that was given is right; if it is gone, its number is the best guess.
 */
export function resumeAt(names: readonly string[], { offset, last }: Position): number {
  if (offset === 0 || names[offset - 1] === last) return Math.min(offset, names.length)
  const found = names.indexOf(last)
  return found >= 0 ? found + 1 : Math.min(offset, names.length)
}

export function positionAfter(names: readonly string[], offset: number): Position | undefined {
  const last = names[offset - 1]
  return offset < names.length && last !== undefined ? { offset, last } : undefined
}
