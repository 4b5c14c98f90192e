import { StorageError } from '@filegate/core/error'
import type { ThreadReply } from './thread-pool.ts'

/** Does a job in a thread and packs the result, or the error, for the way back. */
export function threadReply<Result>(
  work: () => Result,
  buffersOf: (result: Result) => ArrayBuffer[],
): { reply: ThreadReply<Result>; transfer: ArrayBuffer[] } {
  try {
    const result = work()
    return { reply: { result }, transfer: buffersOf(result) }
  } catch (error) {
    return { reply: failure(error), transfer: [] }
  }
}

export function failure(error: unknown): ThreadReply<never> {
  if (StorageError.is(error)) return { code: error.code, message: error.message, path: error.path }
  return { code: 'Unexpected', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
