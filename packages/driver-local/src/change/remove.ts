import { type Operation, StorageError, type StoragePath, throwIfAborted } from '@filegate/core'
import { lstatSync, renameSync, unlinkSync } from 'node:fs'
import { isDirectory } from '../facts.ts'
import type { Changing } from './changing.ts'
import { topFolder } from './folder-below.ts'
import { bytesOfPath } from './path-bytes.ts'
import { removeTree } from './remove-tree.ts'
import { checkShown, openEntry, type Target } from './target.ts'
import { temporaryName } from './temporary-name.ts'

/** Removes an entry; a link, and not what it leads to. */
export async function remove(changing: Changing, path: StoragePath, { signal }: Operation = {}): Promise<void> {
  throwIfAborted(signal)
  if (path === '') throw new StorageError('InvalidArgument', 'The served folder itself cannot be removed.', { path })
  checkShown(changing, path)
  const target = openEntry(changing, path)
  try {
    if (target.old && isDirectory(target.old)) return await removeFolder(changing, target, signal)
    unlinkSync(target.place)
    await changing.syncFolder(target.folder)
  } finally {
    target.close()
  }
}

/** A folder vanishes as a whole, and is emptied where nobody sees it. */
async function removeFolder(changing: Changing, target: Target, signal: AbortSignal | undefined): Promise<void> {
  const name = temporaryName()
  const note = changing.notes?.begin({ kind: 'remove', folder: bytesOfPath(target.folder), name })
  try {
    renameSync(target.place, target.beside(name))
    await changing.syncFolder(target.folder)
    try {
      await removeTree(topFolder(target.folder), name, signal)
    } catch (error) {
      putBack(target, name)
      throw error
    }
    await changing.syncFolder(target.folder)
  } finally {
    note?.end()
  }
}

/** What could not be removed is shown again. */
function putBack(target: Target, name: string): void {
  if (!lstatSync(target.place, { throwIfNoEntry: false })) renameSync(target.beside(name), target.place)
}
