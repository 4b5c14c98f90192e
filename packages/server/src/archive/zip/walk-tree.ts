import {
  circleGuard,
  type DirectoryEntry,
  type Entry,
  type FileEntry,
  type StorageDriver,
  StorageError,
  type StoragePath,
  throwIfAborted,
} from '@filegate/core'

export interface Folder {
  readonly path: StoragePath
  /** Absent for the folder that the walk began with. */
  readonly entry?: DirectoryEntry | undefined
  readonly files: readonly FileEntry[]
  /** Why nothing is known of what it holds. */
  readonly unlisted?: StorageError | undefined
}

/**
 * Every folder from `top` down, always in the same order: a folder before those in it, names by UTF-16 code units. Links
 * to folders are not followed, so there are no cycles. Folders that vanish meanwhile are left out, and a folder that
 * cannot be listed says why; only `top` itself throws.
 */
export async function* walkTree(
  storage: StorageDriver,
  top: StoragePath,
  signal: AbortSignal,
): AsyncGenerator<Folder, void, undefined> {
  const waiting: { path: StoragePath; entry?: DirectoryEntry }[] = [{ path: top }]
  for (let folder = waiting.pop(); folder; folder = waiting.pop()) {
    throwIfAborted(signal)
    const children = await childrenOf(storage, folder.path, signal).catch((error: unknown) => {
      if (folder?.entry && StorageError.is(error) && error.code !== 'Aborted') return error
      throw error
    })
    if (StorageError.is(children)) {
      if (children.code !== 'NotFound') yield { ...folder, files: [], unlisted: children }
      continue
    }
    children.sort((one, other) => (one.name < other.name ? -1 : 1))
    yield { ...folder, files: children.filter((child) => child.kind === 'file') }
    for (const child of children.reverse()) {
      const enters = child.kind === 'directory' && child.symlinkTarget === undefined
      if (enters) waiting.push({ path: child.path, entry: child })
    }
  }
}

async function childrenOf(storage: StorageDriver, path: StoragePath, signal: AbortSignal): Promise<Entry[]> {
  const guard = circleGuard()
  const children: Entry[] = []
  let cursor: string | undefined
  do {
    const page = await storage.list(path, { signal, cursor })
    for (const entry of page.items) children.push(entry)
    ;({ cursor } = page)
    if (cursor !== undefined) guard(cursor)
  } while (cursor !== undefined)
  return children
}
