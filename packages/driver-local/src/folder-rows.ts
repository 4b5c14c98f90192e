import { joinPath, type StoragePath } from '@filegate/core/path'
import { admitsWithin } from './admits.ts'
import { directoryNames } from './directory-names.ts'
import { directoryRows, type DirectoryTask, type Row } from './directory-rows.ts'
import { isDirectory } from './facts.ts'
import { locatorFor } from './locator.ts'

export { classify } from './errno.ts'

/** A folder that is held open, so that several threads can read parts of it. It can be sent to them. */
export interface FolderTask extends DirectoryTask {
  /** Where the folder really stands, which is what `within` is held against; `undefined` outside the root. */
  readonly place?: StoragePath | undefined
}

/** What is seen of an entry, or of what it leads to where it is a link. */
export interface FolderRow {
  readonly isDirectory: boolean
  readonly isLink: boolean
  /** Bytes of a file, number of entries of a directory; undefined for one that was not counted or may not be read. */
  readonly size: number | undefined
  /** Unix time in milliseconds. */
  readonly modified: number
}

/** All names in the folder, in no particular order. It blocks the thread. */
export function namesInFolder({ pinnedPath }: FolderTask): string[] {
  return directoryNames(pinnedPath) ?? []
}

/**
 * Looks at `names[from]` to `names[to - 1]` and tells what stands at which position, leaving out what is gone or must not
 * be seen. It blocks the thread; a few hundred names at a time share the cost of proving that the tree stood still.
 */
export type FolderReader = (
  names: readonly string[],
  from: number,
  to: number,
  see: (position: number, row: FolderRow) => void,
) => void

export function folderReader(task: FolderTask): FolderReader {
  const { root, followsSymlinks, within, place } = task
  const admits = within && admitsWithin(within)
  const locator = locatorFor(root, followsSymlinks, admits)
  // The locator has judged links by where they lead; the others stand where the folder does.
  const isAdmitted = ({ name, facts, target }: Row): boolean =>
    !admits ||
    target !== undefined ||
    place === undefined ||
    admits(joinPath(place, name), isDirectory(facts) ? 'directory' : 'file')
  return (names, from, to, see) => {
    let position = from
    for (const row of directoryRows(task, locator, names.slice(from, to))) {
      while (names[position] !== row.name) position++
      if (isAdmitted(row)) see(position, folderRow(row))
    }
  }
}

function folderRow({ facts, target, children }: Row): FolderRow {
  const directory = isDirectory(facts)
  return {
    isDirectory: directory,
    isLink: target !== undefined,
    size: directory ? children : facts.size,
    modified: facts.mtimeMs,
  }
}
