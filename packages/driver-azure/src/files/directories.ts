import { type DirectoryEntry, type Operation, parentPath, root, StorageError, type StoragePath } from '@filegate/core'
import { type Connection, directoryAt, until } from './connection.ts'
import { directoryEntry } from './entries.ts'
import { isTaken, isWithoutParent } from './errors.ts'
import { expectDirectory, findDirectory, statPath } from './stat.ts'

/** Makes a directory with those above it; one that is there stays as it is. */
export async function makeDirectory(
  connection: Connection,
  path: StoragePath,
  options: Operation = {},
): Promise<DirectoryEntry> {
  try {
    if (path === root) return await directoryThere(connection, path, options)
    return await withParents(connection, path, options, async () => {
      const made = await directoryAt(connection, path).create(until(options.signal))
      return directoryEntry(path, made)
    })
  } catch (error) {
    if (!isTaken(error)) throw error
    return directoryThere(connection, path, options)
  }
}

async function directoryThere(connection: Connection, path: StoragePath, options: Operation): Promise<DirectoryEntry> {
  const there = await findDirectory(connection, path, options)
  const entry = there?.entry ?? (await statPath(connection, path, options))
  if (entry.kind === 'directory') return entry
  throw new StorageError('AlreadyExists', `There is a file at /${path} already.`, { path })
}

/** Does what puts something at `path`; where directories above it are missing, they are made and it is done once more. */
export async function withParents<Result>(
  connection: Connection,
  path: StoragePath,
  options: Operation,
  put: () => Promise<Result>,
): Promise<Result> {
  try {
    return await put()
  } catch (error) {
    if (!isWithoutParent(error)) throw error
    await makeParents(connection, path, options)
    return put()
  }
}

/** @throws StorageError `NotADirectory` where a file is in the way */
async function makeParents(connection: Connection, path: StoragePath, options: Operation): Promise<void> {
  const folder = parentPath(path)
  if (folder === root) return
  const make = () => directoryAt(connection, folder).create(until(options.signal))
  try {
    await withParents(connection, folder, options, make)
  } catch (error) {
    if (!isTaken(error)) throw error
    // Somebody else may have made it meanwhile.
    await expectDirectory(connection, folder, options)
  }
}
