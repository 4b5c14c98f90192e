import { StorageError } from '@filegate/core'

/** The end of the time for something, or of the interest in it. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Rejects at the end, whether or not anybody listens to the signal. */
  readonly expired: Promise<never>
  clear(): void
}

/** Ends after `patience` milliseconds with that message, and when the caller goes away. */
export function deadlineAfter(patience: number, message: string, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  // Nobody may be waiting for it when the work was faster.
  promise.catch(() => {})
  const end = (reason: StorageError): void => {
    controller.abort(reason)
    reject(reason)
  }
  const timer = setTimeout(() => end(new StorageError('TimedOut', message)), patience)
  const leave = (): void => end(new StorageError('Aborted', 'The caller has gone.'))
  if (caller?.aborted) leave()
  caller?.addEventListener('abort', leave, { once: true })
  return {
    signal: controller.signal,
    expired: promise,
    clear() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', leave)
    },
  }
}
