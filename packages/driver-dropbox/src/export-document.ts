import {
  expectConditions,
  isADirectory,
  type ReadOptions,
  type ReadResult,
  StorageError,
  type StoragePath,
} from '@filegate/core'
import { z } from 'zod'
import type { Connection } from './connection.ts'
import { fileEntry } from './entries.ts'
import { fileMetadata } from './metadata.ts'
import { partOf } from './part-of.ts'
import { statPath } from './stat.ts'

const exported = z.object({ export_metadata: z.object({ size: z.number() }), file_metadata: fileMetadata })

/** A document that exists in the service only, such as one of Paper, in the format that the vendor exports it in. */
export async function exportDocument(
  connection: Connection,
  path: StoragePath,
  { range, conditions, version, signal }: ReadOptions,
): Promise<ReadResult> {
  if (version !== undefined) {
    throw new StorageError('Unsupported', `Dropbox exports /${path} as it is now only, and no earlier version of it.`)
  }
  const entry = await statPath(connection, path, { signal })
  if (entry.kind === 'directory') throw isADirectory(path)
  if (conditions) expectConditions(conditions, entry, path)
  const place = await connection.places.of(path, { signal })
  const answer = await connection.vendor.download('files/export', { path: place }, { signal })
  try {
    const { export_metadata: made, file_metadata: known } = exported.parse(answer.result)
    const now = { ...fileEntry(path, { ...known, is_downloadable: false }), size: made.size }
    if (conditions) expectConditions(conditions, now, path)
    return range ? partOf(now, answer, { range, size: made.size }) : { entry: now, body: answer.body }
  } catch (error) {
    if (!answer.body.locked) await answer.body.cancel()
    throw error
  }
}
