import { StorageError } from './error.ts'

/** What an operation rejects with once `signal` is aborted: its reason if that is a StorageError, else `Aborted`. */
export function abortedBy(signal: AbortSignal): StorageError {
  const reason: unknown = signal.reason
  if (StorageError.is(reason)) return reason
  return new StorageError('Aborted', 'The operation was aborted.', { cause: reason })
}

/** @throws StorageError when `signal` is aborted already. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedBy(signal)
}
