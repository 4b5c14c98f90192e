import { type CopyOptions, type Entry, type StoragePath } from '@filegate/core'
import { type Connection, directoryAt, fileAt, until } from './connection.ts'
import { withParents } from './directories.ts'
import { statPath } from './stat.ts'
import { beginTransfer } from './transfer.ts'

/** Renames; what is below a directory comes with it. */
export async function movePath(connection: Connection, path: StoragePath, options: CopyOptions): Promise<Entry> {
  const { destination, overwrite = false, signal } = options
  const { source, isSame } = await beginTransfer(connection, path, options)
  const replacing = overwrite && !isSame ? { replaceIfExists: true, ignoreReadOnly: true } : {}
  await withParents(connection, destination, { signal }, async () => {
    if (source.entry.kind === 'directory') await directoryAt(connection, path).rename(destination, until(signal))
    else await fileAt(connection, path).rename(destination, { ...replacing, ...until(signal) })
  })
  return statPath(connection, destination, { signal })
}
