import { type FSWatcher, watch } from 'node:fs'
import { isWithin, joinPath, type LocalAccess, parsePath, root, StorageError, type StoragePath } from '@filegate/core'
import { nameFromBytes } from '@filegate/driver-local'

/** Hears of changes in folders. It does not say what happened, only where to look. */
export interface FolderWatch {
  isWatched(folder: StoragePath): boolean
  /** From now on changes of what the folder holds are heard of. */
  watch(folder: StoragePath): void
  /** A folder is no longer at this path, nor is what it held. */
  forget(path: StoragePath): void
  close(): void
}

export interface FolderWatchOptions {
  readonly local: LocalAccess
  readonly changed: (path: StoragePath) => void
  /** Told once, when the system does not let us watch any more. */
  readonly failed: (error: Error) => void
}

/** Where one watch sees everything below a folder. Elsewhere each folder has its own, which costs some kilobytes. */
const seesAllBelow = process.platform === 'darwin' || process.platform === 'win32'

export function openFolderWatch(options: FolderWatchOptions): FolderWatch {
  const { local, changed, failed } = options
  const watches = new Map<StoragePath, FSWatcher>()
  let isComplete = true

  function open(folder: StoragePath): void {
    const { realPath } = local.openDirectory(folder)
    const options = { encoding: 'buffer', persistent: false, recursive: seesAllBelow } as const
    const watcher = watch(realPath, options, (_, name) => changed(name === null ? folder : pathIn(folder, name)))
    // A folder that goes away ends its watch; the folder above tells of it.
    watcher.on('error', () => forget(folder))
    watches.set(folder, watcher)
  }

  function forget(path: StoragePath): void {
    if (!watches.has(path)) return
    for (const [folder, watcher] of watches) {
      if (!isWithin(folder, path) || folder === root) continue
      watcher.close()
      watches.delete(folder)
    }
  }

  return {
    isWatched: (folder) => watches.has(folder) || (seesAllBelow && watches.size > 0) || !isComplete,
    watch(folder) {
      if (watches.has(folder) || (seesAllBelow && watches.size > 0)) return
      try {
        open(folder)
      } catch (error) {
        // It is gone again, or its name is none that can be given to the system.
        if (StorageError.is(error)) return
        if (isComplete && error instanceof Error) failed(error)
        isComplete = false
      }
    },
    forget,
    close() {
      for (const watcher of watches.values()) watcher.close()
      watches.clear()
    },
  }
}

/** Where one watch covers a tree, the name is a path. */
function pathIn(folder: StoragePath, name: string | Buffer): StoragePath {
  const text = nameFromBytes(Buffer.from(name))
  return seesAllBelow ? parsePath(text.replaceAll('\\', '/')) : joinPath(folder, text)
}
