import type { ShareFileClient } from '@azure/storage-file-share'
import {
  type CopyOptions,
  type Entry,
  joinPath,
  type Operation,
  pages,
  parentPath,
  StorageError,
  type StoragePath,
  systemClock,
} from '@filegate/core'
import { eachInLanes } from '../streams/in-lanes.ts'
import { cleanUp } from './clean-up.ts'
import { type Connection, fileAt, until } from './connection.ts'
import { makeDirectory, withParents } from './directories.ts'
import { codeOf } from './errors.ts'
import { listDirectory } from './list.ts'
import { statPath } from './stat.ts'
import { beginTransfer, intertwined } from './transfer.ts'
import { uploadName } from './upload-name.ts'

/** Files that are copied at once. */
const lanes = 8

/** Copies inside the service; no byte comes through here. */
export async function copyPath(connection: Connection, path: StoragePath, options: CopyOptions): Promise<Entry> {
  const { destination, overwrite = false, signal } = options
  const { source, isSame } = await beginTransfer(connection, path, options)
  if (isSame) throw intertwined(path, destination)
  if (source.entry.kind === 'file') {
    await copyFile(connection, path, destination, { overwrite, signal })
  } else {
    await copyDirectory(connection, path, destination, { signal })
  }
  return statPath(connection, destination, { signal })
}

async function copyDirectory(
  connection: Connection,
  path: StoragePath,
  destination: StoragePath,
  { signal }: Operation,
): Promise<void> {
  await makeDirectory(connection, destination, { signal })
  const files: string[] = []
  for await (const { kind, name } of pages((page) => listDirectory(connection, path, page), { signal })) {
    if (kind === 'file') files.push(name)
    else await copyDirectory(connection, joinPath(path, name), joinPath(destination, name), { signal })
  }
  const copy = (name: string, stopped: AbortSignal): Promise<void> =>
    copyFile(connection, joinPath(path, name), joinPath(destination, name), { signal: stopped })
  await eachInLanes(files, lanes, copy, signal)
}

/** Beside its destination, and then in its place: the service shows a file while it is being copied onto. */
async function copyFile(
  connection: Connection,
  path: StoragePath,
  destination: StoragePath,
  { overwrite = false, signal }: Pick<CopyOptions, 'overwrite' | 'signal'>,
): Promise<void> {
  const place = joinPath(parentPath(destination), uploadName())
  const copy = fileAt(connection, place)
  const { url } = fileAt(connection, path)
  // What else belongs to the file comes along without being asked for.
  const details = { copyFileSmbInfo: { fileLastWriteTime: 'source' }, ...until(signal) }
  try {
    const begin = () => copy.startCopyFromURL(url, details)
    const { copyId, copyStatus } = await withParents(connection, place, { signal }, begin)
    await ended(copy, copyId, copyStatus, signal)
    const replacing = overwrite ? { replaceIfExists: true, ignoreReadOnly: true } : {}
    await copy.rename(destination, { ...replacing, ...until(signal) })
  } catch (error) {
    await cleanUp(connection, copy)
    throw error
  }
}

/** Milliseconds between two questions whether a copy has ended. */
const [firstPause, longestPause] = [100, 1000]

async function ended(
  copy: ShareFileClient,
  id: string | undefined,
  begun: string | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  let status = begun
  try {
    for (let pause = firstPause; status === 'pending'; pause = Math.min(longestPause, pause * 2)) {
      await systemClock.sleep(pause, signal)
      status = (await copy.getProperties(until(signal))).copyStatus
    }
  } catch (error) {
    await giveUp(copy, id)
    throw error
  }
  if (status === 'success') return
  throw new StorageError('Unavailable', 'Azure Files began the copy, but did not finish it.')
}

/** Nothing can be done with a file that is being copied onto, not even removed. */
async function giveUp(copy: ShareFileClient, id: string | undefined): Promise<void> {
  if (id === undefined) return
  try {
    await copy.abortCopyFromURL(id, until(AbortSignal.timeout(10_000)))
  } catch (error) {
    // It may have ended meanwhile.
    if (codeOf(error) === undefined) throw error
  }
}
