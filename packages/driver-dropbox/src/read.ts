import {
  expectConditions,
  type FileEntry,
  isADirectory,
  notFound,
  pages,
  type ReadOptions,
  type ReadResult,
  root,
  StorageError,
  type StoragePath,
  throwIfAborted,
} from '@filegate/core'
import type { Connection } from './connection.ts'
import { fileEntry } from './entries.ts'
import { exportDocument } from './export-document.ts'
import { member } from './member.ts'
import { fileMetadata, type FileMetadata } from './metadata.ts'
import { partOf } from './part-of.ts'
import { asksNothing, rangeHeader } from './range-header.ts'
import { revisionsOf } from './revisions.ts'
import { statPath } from './stat.ts'
import { tagsOf } from './tags.ts'

type Signal = AbortSignal | undefined

/** Reads a file, or a part of it. The conditions are held against the answer that holds the bytes. */
export async function readFile(connection: Connection, path: StoragePath, options: ReadOptions): Promise<ReadResult> {
  throwIfAborted(options.signal)
  if (path === root) throw isADirectory(path)
  if (options.range && asksNothing(options.range)) return refuseRange(connection, path, options)
  try {
    return await download(connection, path, options)
  } catch (error) {
    if (member(error, 'status') === 416) return refuseRange(connection, path, options)
    if (!tagsOf(error).endsWith('unsupported_file')) throw error
    return exportDocument(connection, path, options)
  }
}

async function download(connection: Connection, path: StoragePath, options: ReadOptions): Promise<ReadResult> {
  const { range, conditions, version, signal } = options
  const place = await connection.places.of(path, { signal })
  const answer = await connection.vendor.download(
    'files/download',
    { path: version === undefined ? place : revisionOf(path, version) },
    { range: range && rangeHeader(range), signal },
  )
  try {
    const known = fileMetadata.parse(answer.result)
    if (version !== undefined) await expectOwnRevision(connection, path, { place, known, signal })
    const entry = fileEntry(path, known)
    if (conditions) expectConditions(conditions, entry, path)
    return range ? partOf(entry, answer, { range, size: known.size }) : { entry, body: answer.body }
  } catch (error) {
    if (!answer.body.locked) await answer.body.cancel()
    throw error
  }
}

/** @throws StorageError `NotFound` for what is no revision: the text would go to the vendor as a path */
function revisionOf(path: StoragePath, version: string): string {
  if (!/^[0-9a-f]{9,40}$/.test(version)) throw notFound(path)
  return `rev:${version}`
}

/**
 * The vendor finds any revision in the account by its number, but whoever may read this path may not read those of others: what
 * does not tell this path itself has to be among the revisions of it.
 */
async function expectOwnRevision(
  connection: Connection,
  path: StoragePath,
  { place, known, signal }: { readonly place: string; readonly known: FileMetadata; readonly signal: Signal },
): Promise<void> {
  if (known.path_lower === place.toLowerCase()) return
  const kept = pages<FileEntry>((page) => revisionsOf(connection, path, page), { signal })
  for await (const { version } of kept) if (version === known.rev) return
  throw notFound(path)
}

/** What is wrong with the path, or the conditions, goes before what is wrong with the range. */
async function refuseRange(
  connection: Connection,
  path: StoragePath,
  { conditions, signal }: ReadOptions,
): Promise<never> {
  const entry = await statPath(connection, path, { signal })
  if (entry.kind === 'directory') throw isADirectory(path)
  if (conditions) expectConditions(conditions, entry, path)
  throw new StorageError('RangeNotSatisfiable', 'The range holds no byte of the file.')
}
