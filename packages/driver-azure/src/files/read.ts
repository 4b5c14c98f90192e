import {
  expectConditions,
  isADirectory,
  notFound,
  type ReadOptions,
  type ReadResult,
  resolveRange,
  root,
  StorageError,
  type StoragePath,
  throwIfAborted,
} from '@filegate/core'
import { bodyOf, discard, streamOf } from '@filegate/core/http-body'
import { type Connection, fileAt, until } from './connection.ts'
import { type FileAnswer, fileEntry } from './entries.ts'
import { codeOf, isMissing } from './errors.ts'
import { findDirectory, statPath } from './stat.ts'

/** Bytes from `start` up to, not including, `end`; without one, up to the last. */
interface Span {
  readonly start: number
  readonly end?: number | undefined
}

/** Reads a file, or a part of it. The conditions are held against the answer that holds the bytes. */
export async function readFile(connection: Connection, path: StoragePath, options: ReadOptions): Promise<ReadResult> {
  throwIfAborted(options.signal)
  if (path === root) throw isADirectory(path)
  try {
    return await download(connection, path, options, await spanOf(connection, path, options))
  } catch (error) {
    if (codeOf(error) === 'InvalidRange') await explainRange(connection, path, options)
    if (!isMissing(error)) throw error
    throw (await findDirectory(connection, path, options)) ? isADirectory(path) : notFound(path)
  }
}

/** The service knows no suffixes, and takes a range without bytes for the whole file. */
async function spanOf(
  connection: Connection,
  path: StoragePath,
  { range, signal }: ReadOptions,
): Promise<Span | undefined> {
  if (!range) return undefined
  const isPlain = 'start' in range && (range.end === undefined || range.end > range.start)
  if (isPlain) return range
  const entry = await statPath(connection, path, { signal })
  if (entry.kind === 'directory') throw isADirectory(path)
  return resolveRange(range, entry.size ?? 0)
}

async function download(
  connection: Connection,
  path: StoragePath,
  { conditions, range, signal }: ReadOptions,
  span: Span | undefined,
): Promise<ReadResult> {
  const { start = 0, end } = span ?? {}
  const count = end === undefined ? undefined : end - start
  const answer = await fileAt(connection, path).download(start, count, { ...until(signal), maxRetryRequests: 0 })
  const stream = streamOf(answer.readableStreamBody)
  try {
    const entry = fileEntry(path, answer)
    if (conditions) expectConditions(conditions, entry, path)
    if (!range) return { entry, body: bodyOf(stream, signal) }
    const held = heldBy(answer, entry.size ?? 0)
    const wanted = resolveRange(range, entry.size ?? 0)
    // A suffix was worked out with a size that is not the file's any more.
    if (held.start !== wanted.start || held.end !== wanted.end) throw changed(path)
    return { entry, range: wanted, body: bodyOf(stream, signal) }
  } catch (error) {
    discard(stream)
    throw error
  }
}

const changed = (path: StoragePath): StorageError =>
  new StorageError('Conflict', `/${path} is being changed. Read it again.`, { fate: 'temporary' })

/** Conditions come before the range, and how long the file is belongs into the message. */
async function explainRange(connection: Connection, path: StoragePath, options: ReadOptions): Promise<void> {
  const entry = await statPath(connection, path, { signal: options.signal })
  if (entry.kind === 'directory') throw isADirectory(path)
  if (options.conditions) expectConditions(options.conditions, entry, path)
  if (options.range) resolveRange(options.range, entry.size ?? 0)
}

/** Which bytes an answer holds. */
function heldBy({ contentRange }: FileAnswer, size: number): { readonly start: number; readonly end: number } {
  const [, first, last] = /^\s*bytes\s+(\d+)-(\d+)\//.exec(contentRange ?? '') ?? []
  return first === undefined ? { start: 0, end: size } : { start: Number(first), end: Number(last) + 1 }
}
