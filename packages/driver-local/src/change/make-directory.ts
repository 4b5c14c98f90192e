import { type DirectoryEntry, type Operation, StorageError, type StoragePath, throwIfAborted } from '@filegate/core'
import { directoryEntry } from '../entry.ts'
import type { Changing } from './changing.ts'
import { pinMade } from './make-parents.ts'
import { checkName } from './target.ts'

export async function makeDirectory(
  changing: Changing,
  path: StoragePath,
  { signal }: Operation = {},
): Promise<DirectoryEntry> {
  throwIfAborted(signal)
  checkName(changing.access, path)
  const { folder } = await pinWhereNoFileIs(changing, path)
  folder.close()
  return directoryEntry(path, folder.stats)
}

async function pinWhereNoFileIs(changing: Changing, path: StoragePath): ReturnType<typeof pinMade> {
  try {
    return await pinMade(changing, path)
  } catch (error) {
    if (!StorageError.is(error, 'NotADirectory') || error.path !== path) throw error
    throw new StorageError('AlreadyExists', `There is a file at /${path} already.`, { path, cause: error })
  }
}
