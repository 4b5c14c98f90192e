import { throwIfAborted } from '../abort.ts'

/** Runs work on the same key one after the other, in the order of the calls; work on other keys does not wait. */
export type InTurn = <Result>(key: string, work: () => Promise<Result>, signal?: AbortSignal) => Promise<Result>

export function inTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work, signal) => {
    const before = last.get(key)
    const mine = (async () => {
      // How the one before ended is the business of whoever asked for it.
      await before?.catch(() => undefined)
      throwIfAborted(signal)
      return work()
    })()
    last.set(key, mine)
    try {
      return await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}
