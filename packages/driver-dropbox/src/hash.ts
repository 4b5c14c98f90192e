import { type HashOptions, isADirectory, StorageError, type StoragePath, throwIfAborted } from '@filegate/core'
import type { Connection } from './connection.ts'
import { statPath } from './stat.ts'

/** The digest that the service keeps of each file. @throws StorageError `Unsupported` for any other */
export async function hashOf(
  connection: Connection,
  path: StoragePath,
  { algorithm, signal }: HashOptions,
): Promise<string> {
  throwIfAborted(signal)
  const entry = await statPath(connection, path, { signal })
  if (entry.kind === 'directory') throw isADirectory(path)
  const known = entry.hashes?.[algorithm]
  if (known !== undefined) return known
  throw new StorageError('Unsupported', `Dropbox has no ${algorithm} of /${path}.`, { path })
}
