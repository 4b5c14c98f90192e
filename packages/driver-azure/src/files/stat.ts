import { type Entry, notADirectory, notFound, type Operation, root, type StoragePath } from '@filegate/core'
import { type Connection, directoryAt, fileAt, until } from './connection.ts'
import { directoryEntry, fileEntry } from './entries.ts'
import { isMissing } from './errors.ts'

/** An entry, and what stays the same of it under every name. */
export interface Found {
  readonly entry: Entry
  /** Of the service; absent where it tells none. */
  readonly id?: string | undefined
}

/** @throws StorageError `NotFound` */
export async function statPath(connection: Connection, path: StoragePath, options: Operation = {}): Promise<Entry> {
  return (await found(connection, path, options)).entry
}

/** @throws StorageError `NotFound` */
export async function found(connection: Connection, path: StoragePath, options: Operation): Promise<Found> {
  const there = await findIfThere(connection, path, options)
  if (!there) throw notFound(path)
  return there
}

/** Files are asked about first, as most questions are about files; the service does not say which of both it would be. */
export async function findIfThere(
  connection: Connection,
  path: StoragePath,
  options: Operation,
): Promise<Found | undefined> {
  return (await findFile(connection, path, options)) ?? findDirectory(connection, path, options)
}

async function findFile(connection: Connection, path: StoragePath, { signal }: Operation): Promise<Found | undefined> {
  if (path === root) return undefined
  return unlessMissing(async () => {
    const answer = await fileAt(connection, path).getProperties(until(signal))
    return { entry: fileEntry(path, answer), id: answer.fileId }
  })
}

export async function findDirectory(
  connection: Connection,
  path: StoragePath,
  { signal }: Operation,
): Promise<Found | undefined> {
  return unlessMissing(async () => {
    const answer = await directoryAt(connection, path).getProperties(until(signal))
    return { entry: directoryEntry(path, answer), id: answer.fileId }
  })
}

/** @throws StorageError `NotADirectory` where something else stands, or `NotFound` */
export async function expectDirectory(connection: Connection, path: StoragePath, options: Operation): Promise<void> {
  if (await findDirectory(connection, path, options)) return
  await statPath(connection, path, options)
  throw notADirectory(path)
}

async function unlessMissing<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
