import { type Entry, notFound, type Operation, root, type StoragePath, throwIfAborted } from '@filegate/core'
import { type Connection, until } from './connection.ts'
import { directoryEntry, entryOf } from './entries.ts'
import { isMissing } from './errors.ts'
import { metadata, type Metadata } from './metadata.ts'

export async function statPath(connection: Connection, path: StoragePath, options: Operation = {}): Promise<Entry> {
  throwIfAborted(options.signal)
  if (path === root) return directoryEntry(root)
  const place = await connection.places.of(path, options)
  return entryOf(path, await metadataAt(connection, place, options))
}

/** Of anything but the root, about which the vendor says nothing. */
export async function metadataAt(
  { vendor }: Pick<Connection, 'vendor'>,
  place: string,
  { signal }: Operation,
): Promise<Metadata> {
  const { result } = await vendor.api.filesGetMetadata({ path: place }, until(signal))
  return metadata.parse(result)
}

export async function metadataIfThere(
  connection: Pick<Connection, 'vendor'>,
  place: string,
  options: Operation,
): Promise<Metadata | undefined> {
  try {
    const found = await metadataAt(connection, place, options)
    return found['.tag'] === 'deleted' ? undefined : found
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** @throws StorageError `NotFound` */
export async function expectMetadata(
  connection: Pick<Connection, 'vendor'>,
  path: StoragePath,
  place: string,
  options: Operation,
): Promise<Metadata> {
  const found = await metadataIfThere(connection, place, options)
  if (!found) throw notFound(path)
  return found
}
