import { type CopyOptions, isWithin, parsePath, StorageError, type StoragePath } from '@filegate/core'
import type { Connection } from './connection.ts'
import { removePath } from './remove.ts'
import { findIfThere, type Found, found } from './stat.ts'

/** What a copy or a move begins with, once it is known that nothing stands in its way. */
export interface Transfer {
  readonly source: Found
  /** Whether the destination is the source under another spelling. */
  readonly isSame: boolean
}

/**
 * Clears the way for putting `path` at its destination. A file that replaces a file is left to what puts it there, in one step.
 * @throws StorageError `NotFound`, `AlreadyExists`, or `InvalidArgument` where one of both holds the other
 */
export async function beginTransfer(
  connection: Connection,
  path: StoragePath,
  { destination, overwrite = false, signal }: CopyOptions,
): Promise<Transfer> {
  const source = await found(connection, path, { signal })
  const [from, to] = [folded(path), folded(destination)]
  if (from !== to && (isWithin(to, from) || isWithin(from, to))) throw intertwined(path, destination)
  if (path === destination) throw intertwined(path, destination)
  const old = await findIfThere(connection, destination, { signal })
  if (!old) return { source, isSame: false }
  const isSame = from === to || (old.id !== undefined && old.id === source.id)
  if (isSame) return { source, isSame }
  if (!overwrite) {
    const message = `There is something at /${destination} already.`
    throw new StorageError('AlreadyExists', message, { path: destination })
  }
  const isFile = old.entry.kind === 'file' && source.entry.kind === 'file'
  if (!isFile) await removePath(connection, destination, { signal })
  return { source, isSame }
}

/** Names that differ only by case are the same. */
const folded = (path: StoragePath): StoragePath => parsePath(path.toLowerCase())

export function intertwined(path: StoragePath, destination: StoragePath): StorageError {
  const message = `/${path} cannot be put at /${destination}: one of them contains the other.`
  return new StorageError('InvalidArgument', message, { path })
}
