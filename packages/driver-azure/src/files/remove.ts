import { joinPath, notFound, type Operation, root, StorageError, type StoragePath } from '@filegate/core'
import { eachInLanes } from '../streams/in-lanes.ts'
import { type Connection, directoryAt, fileAt, until } from './connection.ts'
import { codeOf, isMissing } from './errors.ts'
import { segmentOf } from './segment.ts'

/** Files that are removed at once. */
const lanes = 8

/** Removes a file, or a directory with all it holds, unfinished uploads too. */
export async function removePath(connection: Connection, path: StoragePath, { signal }: Operation = {}): Promise<void> {
  if (path === root) throw new StorageError('InvalidArgument', 'The root of a storage cannot be removed.', { path })
  if (await isRemovedFile(connection, path, signal)) return
  if (!(await isRemovedDirectory(connection, path, signal))) throw notFound(path)
}

/** `false` where there is no file. */
const isRemovedFile = (connection: Connection, path: StoragePath, signal: AbortSignal | undefined): Promise<boolean> =>
  unlessMissing(() => fileAt(connection, path).delete(until(signal)))

/** `false` where there is no directory. */
async function isRemovedDirectory(
  connection: Connection,
  path: StoragePath,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const remove = () => unlessMissing(() => directoryAt(connection, path).delete(until(signal)))
  try {
    return await remove()
  } catch (error) {
    if (codeOf(error) !== 'DirectoryNotEmpty') throw error
    await empty(connection, path, signal)
    return remove()
  }
}

/** From the start again after each page, as a place in a listing means little once what was there is gone. */
async function empty(connection: Connection, path: StoragePath, signal: AbortSignal | undefined): Promise<void> {
  for (;;) {
    const { directoryItems, fileItems } = await segmentOf(connection, path, { signal })
    if (directoryItems.length + fileItems.length === 0) return
    const removeFile = async (name: string, stopped: AbortSignal): Promise<void> => {
      await isRemovedFile(connection, joinPath(path, name), stopped)
    }
    await eachInLanes(
      fileItems.map(({ name }) => name),
      lanes,
      removeFile,
      signal,
    )
    for (const { name } of directoryItems) await isRemovedDirectory(connection, joinPath(path, name), signal)
  }
}

async function unlessMissing(remove: () => Promise<unknown>): Promise<boolean> {
  try {
    await remove()
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
