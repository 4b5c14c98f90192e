import { StorageError } from '@filegate/core'
import type { LocalAccess, StoragePath } from '@filegate/core'
import { realpathSync } from 'node:fs'
import type { Access } from './access.ts'
import { directoryNames } from './directory-names.ts'
import type { FolderTask } from './folder-rows.ts'
import { keepsChangeTimes } from './plain-paths.ts'
import { isBelow, placeBelow } from './place.ts'

export interface PinnedFolder {
  readonly task: FolderTask
  /** Whether it holds no more than so many entries, found out without reading more. */
  readonly isSmall: (limit: number) => boolean
  /** To be called once, when no thread reads it any more. */
  readonly close: () => void
}

/**
 * Opens a folder for `namesInFolder` and `folderReader`, which may then run in any thread and see what `access` would.
 * `countLimit`: directories in it are counted up to this number; 0 to leave that out,
 * which it always is where only some places may be reached.
 */
export function pinFolder(access: LocalAccess, path: StoragePath, countLimit: number): PinnedFolder {
  if (!isOurs(access)) throw new StorageError('Unsupported', 'Only folders of the local driver can be pinned.')
  const { root, followsSymlinks, within } = access
  const directory = access.pinDirectory(path)
  const { pinnedPath, pinned, realPath } = directory
  try {
    const bytes = (): Buffer => realpathSync.native(pinnedPath, 'buffer')
    const place = within && isBelow(root, realPath) ? placeBelow(root, realPath, bytes) : undefined
    const provable = keepsChangeTimes(root)
    const folder = { root, followsSymlinks, within, provable, pinnedPath, pinned, realPath }
    return {
      task: { ...folder, place, countLimit: within ? 0 : countLimit, inHaste: false },
      isSmall: (limit) => directoryNames(pinnedPath, limit) !== undefined,
      close: () => directory.close(),
    }
  } catch (error) {
    directory.close()
    throw error
  }
}

const isOurs = (access: LocalAccess): access is Access => 'pinDirectory' in access
