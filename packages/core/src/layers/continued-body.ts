import type { FileEntry, ReadOptions, ReadResult, StorageDriver } from '../contract.ts'
import { StorageError } from '../error.ts'
import type { StoragePath } from '../path.ts'
import { abandon } from './pulled.ts'
import { resumable } from './resumable.ts'
import type { Attempt } from './retry-policy.ts'

/**
 * The body of `first`, which goes on from where it broke as long as the file is still the same. It never ends early
 * without an error: bytes are counted where their number is known.
 */
export function continuedBody(
  driver: StorageDriver,
  attempt: Attempt,
  path: StoragePath,
  options: ReadOptions,
  first: ReadResult,
): ReadableStream<Uint8Array> {
  const { entry } = first
  // Without the answer to a range there is no telling where the body begins.
  if (options.range && !first.range) return first.body
  const { start, end } = first.range ?? { start: 0, end: entry.size }
  let progress = -1
  let attempts = 1
  let since: number | undefined

  async function reopen(offset: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const conditions = entry.etag?.startsWith('"') ? { ifMatch: [entry.etag] } : undefined
    const range = { start: start + offset, end }
    const result = await driver.read(path, { ...options, range, conditions, signal })
    if (isSame(entry, result.entry) && result.range?.start === range.start) return result.body
    const error = changed(path)
    abandon(result.body, error)
    throw error
  }

  return resumable(first.body, {
    length: end === undefined ? undefined : end - start,
    wrongLength: (offset, length) => wrongLength(path, offset, length),
    async recover(error, offset, cancelled) {
      if (!isIdentifiable(entry)) throw error
      // A body that gives something before it breaks again gets all its tries back.
      if (offset > progress) [attempts, since] = [1, undefined]
      progress = offset
      const signal = options.signal ? AbortSignal.any([options.signal, cancelled]) : cancelled
      const task = async (count: number, began: number): Promise<ReadableStream<Uint8Array>> => {
        ;[attempts, since] = [count, began]
        return reopen(offset, signal)
      }
      try {
        return await attempt(task, { signal, failed: { error, attempts, since } })
      } catch (failure) {
        throw StorageError.is(failure, 'PreconditionFailed') ? changed(path) : failure
      }
    },
  })
}

const isIdentifiable = ({ etag, modified }: FileEntry): boolean => etag !== undefined || modified !== undefined

const isSame = (one: FileEntry, other: FileEntry): boolean =>
  one.etag === other.etag && one.size === other.size && one.modified === other.modified

const changed = (path: StoragePath): StorageError =>
  new StorageError('Conflict', `/${path} changed while it was being read. Read it again.`, { operation: 'read', path })

function wrongLength(path: StoragePath, offset: number, length: number): StorageError {
  const context = { operation: 'read', path }
  return offset < length
    ? new StorageError('Unavailable', `/${path} broke off after ${offset} of ${length} bytes.`, context)
    : new StorageError('Unexpected', `/${path} gave more than the ${length} bytes it announced.`, context)
}
