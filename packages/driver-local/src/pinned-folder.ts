import { StorageError } from '@filegate/core'
import type { LocalAccess, StoragePath } from '@filegate/core'
import type { Access } from './access.ts'
import { directoryNames } from './directory-names.ts'
import { directoryRows, type DirectoryTask } from './directory-rows.ts'
import { isDirectory } from './facts.ts'
import { locatorFor } from './locator.ts'
import { keepsChangeTimes } from './plain-paths.ts'

/** A folder that is held open, so that several threads can read parts of it. It can be sent to them. */
export type FolderTask = DirectoryTask

export interface PinnedFolder {
  readonly task: FolderTask
  /** Whether it holds no more than so many entries, found out without reading more. */
  readonly isSmall: (limit: number) => boolean
  /** To be called once, when no thread reads it any more. */
  readonly close: () => void
}

/** What is seen of an entry, or of what it leads to where it is a link. */
export interface FolderRow {
  readonly name: string
  readonly isDirectory: boolean
  readonly isLink: boolean
  /** Bytes of a file, number of entries of a directory; undefined for one that may not be read. */
  readonly size: number | undefined
  /** Unix time in milliseconds. */
  readonly modified: number
}

/** Opens a folder for `namesInFolder` and `rowsInFolder`, which may then run in any thread. */
export function pinFolder(access: LocalAccess, path: StoragePath, countLimit: number): PinnedFolder {
  if (!isOurs(access)) throw new StorageError('Unsupported', 'Only folders of the local driver can be pinned.')
  // Other threads follow links without asking anybody.
  if (access.admits) throw new StorageError('Unsupported', 'A folder that is not open as a whole cannot be pinned.')
  const { root, followsSymlinks } = access
  const directory = access.pinDirectory(path)
  const { pinnedPath, pinned, realPath } = directory
  const provable = keepsChangeTimes(root)
  return {
    task: { root, followsSymlinks, provable, pinnedPath, pinned, realPath, countLimit, inHaste: false },
    isSmall: (limit) => directoryNames(pinnedPath, limit) !== undefined,
    close: () => directory.close(),
  }
}

const isOurs = (access: LocalAccess): access is Access => 'pinDirectory' in access

/** All names in the folder, in no particular order. It blocks the thread. */
export function namesInFolder({ pinnedPath }: FolderTask): string[] {
  return directoryNames(pinnedPath) ?? []
}

/** Names between two proofs that the tree stood still. */
const batchSize = 512

/** What stands under `names` in the folder, without what is gone or must not be seen. It blocks the thread. */
export function rowsInFolder(task: FolderTask, names: readonly string[]): FolderRow[] {
  const locator = locatorFor(task.root, task.followsSymlinks)
  const rows: FolderRow[] = []
  for (let at = 0; at < names.length; at += batchSize) {
    for (const { name, facts, target, children } of directoryRows(task, locator, names.slice(at, at + batchSize))) {
      const directory = isDirectory(facts)
      const size = directory ? children : facts.size
      rows.push({ name, isDirectory: directory, isLink: target !== undefined, size, modified: facts.mtimeMs })
    }
  }
  return rows
}
