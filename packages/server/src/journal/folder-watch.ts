import { type FSWatcher, statSync, watch } from 'node:fs'
import { isWithin, joinPath, type LocalAccess, parsePath, root, StorageError, type StoragePath } from '@filegate/core'
import { nameFromBytes } from '@filegate/driver-local'

/** Hears of changes in folders. It does not say what happened, only where to look. */
export interface FolderWatch {
  /** Whether the very folder that is at this path now is: a watch stays with its folder, wherever that goes. */
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

interface Watched {
  readonly watcher: FSWatcher
  /** Absolute path of the folder, and what tells it from another one there. */
  readonly realPath: string
  readonly identity: string | undefined
}

export function openFolderWatch(options: FolderWatchOptions): FolderWatch {
  const { local, changed, failed } = options
  const watches = new Map<StoragePath, Watched>()
  let isComplete = true

  function open(folder: StoragePath): void {
    const { realPath } = local.openDirectory(folder)
    // Looked at first: of a folder that is replaced right now, the new one counts as not watched.
    const identity = identityAt(realPath)
    const options = { encoding: 'buffer', persistent: false, recursive: seesAllBelow } as const
    const watcher = watch(realPath, options, (_, name) => changed(name === null ? folder : pathIn(folder, name)))
    // A folder that goes away ends its watch; the folder above tells of it.
    watcher.on('error', () => forget(folder))
    watches.set(folder, { watcher, realPath, identity })
  }

  function isThere(folder: StoragePath): boolean {
    const watched = watches.get(folder)
    return watched !== undefined && watched.identity === identityAt(watched.realPath)
  }

  function forget(path: StoragePath): void {
    if (!watches.has(path)) return
    for (const [folder, { watcher }] of watches) {
      if (!isWithin(folder, path) || folder === root) continue
      watcher.close()
      watches.delete(folder)
    }
  }

  return {
    isWatched: (folder) =>
      (seesAllBelow && watches.size > 0) || isThere(folder) || (!isComplete && !watches.has(folder)),
    watch(folder) {
      if ((seesAllBelow && watches.size > 0) || isThere(folder)) return
      // What was watched below is elsewhere now, too.
      forget(folder)
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
      for (const { watcher } of watches.values()) watcher.close()
      watches.clear()
    },
  }
}

/** The number of a folder that was removed is soon that of another one, so the time at which it was made goes with it. */
function identityAt(realPath: string): string | undefined {
  const stats = statSync(realPath, { bigint: true, throwIfNoEntry: false })
  return stats && `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`
}

/** Where one watch covers a tree, the name is a path. */
function pathIn(folder: StoragePath, name: string | Buffer): StoragePath {
  const text = nameFromBytes(Buffer.from(name))
  return seesAllBelow ? parsePath(text.replaceAll('\\', '/')) : joinPath(folder, text)
}
