import {
  type DirectoryEntry,
  type Operation,
  root,
  StorageError,
  type StoragePath,
  throwIfAborted,
} from '@filegate/core'
import { type Connection, until } from './connection.ts'
import { directoryEntry } from './entries.ts'
import { expectStorable } from './forbidden-names.ts'
import { changed } from './metadata.ts'
import { tagsOf } from './tags.ts'

/** The vendor makes missing parents by itself. */
export async function makeDirectory(
  connection: Connection,
  path: StoragePath,
  options: Operation = {},
): Promise<DirectoryEntry> {
  const { vendor, places, committer } = connection
  throwIfAborted(options.signal)
  if (path === root) return directoryEntry(path)
  expectStorable(path)
  await committer.settle(path)
  const place = await places.toChange(path, options)
  try {
    const { result } = await vendor.api.filesCreateFolderV2({ path: place, autorename: false }, until(options.signal))
    changed.parse(result)
  } catch (error) {
    const about = tagsOf(error)
    if (about === 'path/conflict/file') {
      throw new StorageError('AlreadyExists', `There is a file at /${path} already.`, { path, cause: error })
    }
    if (about !== 'path/conflict/folder') throw error
  }
  return directoryEntry(path)
}

/** Removes a file, or a folder with all it holds. The vendor keeps what was removed for a while, as the account has it. */
export async function removePath(connection: Connection, path: StoragePath, options: Operation = {}): Promise<void> {
  const { vendor, places, committer } = connection
  throwIfAborted(options.signal)
  if (path === root) throw new StorageError('InvalidArgument', 'The root of a storage cannot be removed.', { path })
  await committer.settle(path)
  const place = await places.toChange(path, options)
  const { result } = await vendor.api.filesDeleteV2({ path: place }, until(options.signal))
  changed.parse(result)
}
