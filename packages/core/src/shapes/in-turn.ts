import { abortedBy, throwIfAborted } from '../abort.ts'

/**
 * Runs work on the same key one after the other, in the order of the calls; work on other keys does not wait. A call that
 * is aborted while it waits rejects at once.
 */
export type InTurn = <Result>(key: string, work: () => Promise<Result>, signal?: AbortSignal) => Promise<Result>

export function inTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work, signal) => {
    throwIfAborted(signal)
    const before = last.get(key)
    const mine = before ? after(before, signal).then(work) : work()
    // Whoever comes next waits for all before, also where `mine` gave up waiting. How each ended is not their business.
    const settled = Promise.allSettled([before, mine]).finally(() => {
      if (last.get(key) === settled) last.delete(key)
    })
    last.set(key, settled)
    return mine
  }
}

/** Resolves once `before` has settled. @throws StorageError as soon as `signal` is aborted. */
async function after(before: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return void (await before)
  const aborted = Promise.withResolvers<void>()
  const abort = (): void => aborted.reject(abortedBy(signal))
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([before, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
