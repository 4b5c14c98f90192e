import type { Entry } from '@filegate/core'

/** What the documents call an entry of a listing by what it is. A link is called by what it leads to. */
export type PathType = 'File' | 'Dir' | 'SymlinkFile' | 'SymlinkDir'

/** One entry of a listing. */
export interface Row {
  readonly name: string
  readonly type: PathType
  /** Bytes of a file, number of entries of a directory; null where that is not known. */
  readonly size: number | null
  /** Unix time in whole milliseconds; null where the backend keeps none. */
  readonly mtime: number | null
}

export const isDirectoryType = (type: PathType): boolean => type === 'Dir' || type === 'SymlinkDir'

export function pathTypeOf(entry: Pick<Entry, 'kind' | 'symlinkTarget'>): PathType {
  if (entry.symlinkTarget === undefined) return entry.kind === 'file' ? 'File' : 'Dir'
  return entry.kind === 'file' ? 'SymlinkFile' : 'SymlinkDir'
}

/** `children` replaces what the entry says of itself, where the caller may see only some of them. */
export function rowOf(entry: Entry, children?: number): Row {
  const size = entry.kind === 'file' ? entry.size : (children ?? entry.children)
  return {
    name: entry.name,
    type: pathTypeOf(entry),
    size: size ?? null,
    mtime: entry.modified === undefined ? null : Math.trunc(entry.modified),
  }
}

/** An entry as the documents show it. `revisions` is null where no journal counts them. */
export interface PathItem {
  readonly mtime: number | null
  readonly name: string
  readonly path_type: PathType
  readonly revisions: number | null
  readonly size: number | null
}

export function pathItem({ name, type, size, mtime }: Row, revisions: number | null): PathItem {
  return { mtime, name, path_type: type, revisions, size }
}
