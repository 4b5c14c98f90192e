import { StorageError } from '@filegate/core'
import type { Scrub } from './without-secrets.ts'

/** An error without secrets. Where there was one the cause goes as well: it says the same in more words. */
export function cleanedError(error: StorageError, scrub: Scrub): StorageError {
  const { code, fate, retryAfter, provider, operation, path } = error
  const message = scrub(error.message)
  const trace = traceOf(error)
  if (message === error.message && scrub(trace) === trace) return error
  return new StorageError(code, message, { fate, retryAfter, provider, operation, path })
}

/** For the log: where it happened. What a driver did not foresee hides in the cause. */
export function traceOf(error: unknown): string {
  const cause = StorageError.is(error) ? (error.cause ?? error) : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : JSON.stringify(cause)
}
