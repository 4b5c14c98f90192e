import { joinPath, StorageError, throwIfAborted } from '@filegate/core'
import type { Entry, ListOptions, Page, StoragePath } from '@filegate/core'
import { readdirSync } from 'node:fs'
import type { Access } from './access.ts'
import { nameFromText } from './disk-name.ts'

export interface LocalListOptions extends ListOptions {
  /** Fill `children` of each directory, counting at most so many; `true` means 1,000. */
  readonly countChildren?: boolean | number | undefined
}

export async function listDirectory(
  access: Access,
  path: StoragePath,
  options: LocalListOptions,
): Promise<Page<Entry>> {
  const directory = access.pinDirectory(path)
  try {
    const items: Entry[] = []
    for (const name of readdirSync(directory.pinnedPath)) {
      throwIfAborted(options.signal)
      const entry = statOrMissing(access, joinPath(path, nameFromText(name)))
      if (entry) items.push(entry)
    }
    return { items }
  } finally {
    directory.close()
  }
}

function statOrMissing(access: Access, path: StoragePath): Entry | undefined {
  try {
    return access.stat(path)
  } catch (error) {
    if (StorageError.is(error, 'NotFound')) return undefined
    throw error
  }
}
