import { type Entry, type ListOptions, notADirectory, type Page, type StoragePath } from '@filegate/core'
import type { Connection } from './connection.ts'
import { listedDirectory, listedFile } from './entries.ts'
import { isMissing } from './errors.ts'
import { segmentOf } from './segment.ts'
import { statPath } from './stat.ts'
import { isUploadName } from './upload-name.ts'

const told = { includeTimestamps: true, includeEtag: true } as const

/** A page of a directory, with sizes, times and etags. */
export async function listDirectory(
  connection: Connection,
  path: StoragePath,
  options: ListOptions,
): Promise<Page<Entry>> {
  try {
    const { directoryItems, fileItems, cursor } = await segmentOf(connection, path, options, told)
    const items = [
      ...directoryItems.map((item) => listedDirectory(path, item)),
      ...fileItems.filter(({ name }) => !isUploadName(name)).map((item) => listedFile(path, item)),
    ]
    return { items, ...(cursor !== undefined && { cursor }) }
  } catch (error) {
    if (!isMissing(error)) throw error
    const entry = await statPath(connection, path, { signal: options.signal })
    throw entry.kind === 'file' ? notADirectory(path) : error
  }
}
