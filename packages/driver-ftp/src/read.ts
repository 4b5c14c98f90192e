import {
  expectConditions,
  isADirectory,
  type ReadOptions,
  type ReadResult,
  resolveRange,
  StorageError,
  type StoragePath,
} from '@filegate/core'
import { dataBody } from './data-body.ts'
import type { Lease, Pool } from './pool.ts'
import { serverPath } from './server-path.ts'
import { statPath } from './stat.ts'
import { beginTransfer } from './transfer.ts'

/** Reads a file, or a part of it, over a connection that is the reader's until the body ends. */
export async function readFile(pool: Pool, path: StoragePath, options: ReadOptions): Promise<ReadResult> {
  const { signal } = options
  const lease = await pool.take(signal)
  const abort = (): void => lease.destroy()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return await openBody(lease, path, options)
  } catch (error) {
    lease.release()
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

async function openBody(lease: Lease, path: StoragePath, options: ReadOptions): Promise<ReadResult> {
  const { range, conditions, signal } = options
  const { session } = lease
  const entry = await statPath(session, path)
  if (entry.kind === 'directory') throw isADirectory(path)
  // Before the transfer: one that is begun in vain costs a new log-in.
  if (conditions) expectConditions(conditions, entry, path)
  const { size } = entry
  if (range && size === undefined) {
    throw new StorageError('Unsupported', `The FTP server does not say how long /${path} is, which a range needs.`)
  }
  const span = range && size !== undefined ? resolveRange(range, size) : undefined
  const { start, end } = span ?? { start: 0, end: size }
  const transfer = await beginTransfer(session, `RETR ${serverPath(session, path)}`, start)
  const length = end === undefined ? undefined : end - start
  const rest = size === undefined || end === undefined ? 0 : size - end
  const body = dataBody(lease, transfer, { skip: start - transfer.start, length, rest, signal })
  return { entry, ...(span && { range: span }), body }
}
