import { abortedBy } from '@filegate/core'
import type { BatchRules } from './batcher.ts'

/** An item whose maker waits for its result. */
export interface Waiting<Item, Result> {
  readonly item: Item
  readonly key: string
  readonly promise: PromiseWithResolvers<Result>
  readonly signal: AbortSignal | undefined
}

/** Lets go of its maker as soon as they call it off, whether or not it can still be left out. */
export function waitingFor<Item, Result>(
  { item, key, signal }: Omit<Waiting<Item, Result>, 'promise'>,
  leave: () => void,
): Waiting<Item, Result> {
  const promise = Promise.withResolvers<Result>()
  const abort = (): void => {
    leave()
    if (signal) promise.reject(abortedBy(signal))
  }
  const release = (): void => signal?.removeEventListener('abort', abort)
  signal?.addEventListener('abort', abort, { once: true })
  promise.promise.then(release, release)
  return { item, key, promise, signal }
}

interface Settling {
  readonly keys: ReadonlySet<string>
  readonly done: Promise<void>
}

/** Batches that are complete: they are settled one after the other. */
export function settlingQueue<Item, Result>(rules: BatchRules<Item, Result>, whenSettled: () => void) {
  const { mostSettling = Number.POSITIVE_INFINITY } = rules
  let settling: readonly Settling[] = []
  let last: Promise<void> = Promise.resolve()
  return {
    isEmpty: (): boolean => settling.length === 0,
    isFull: (): boolean => settling.length >= mostSettling,
    add(batch: readonly Waiting<Item, Result>[]): void {
      const batched = { keys: new Set(batch.map(({ key }) => key)), done: last.then(() => settleAll(rules, batch)) }
      last = batched.done
      settling = [...settling, batched]
      void batched.done.then(() => {
        settling = settling.filter((other) => other !== batched)
        whenSettled()
      })
    },
    /** Resolves when no more wait than may. */
    async room(): Promise<void> {
      while (settling.length >= mostSettling) await settling[0]?.done
    },
    /** Resolves when what concerns a key by the test is settled. */
    async settled(concerns: (key: string) => boolean): Promise<void> {
      const concerned = settling.filter(({ keys }) => [...keys].some(concerns))
      await Promise.all(concerned.map(({ done }) => done))
    },
  }
}

/** Never rejects: each item hears of its own result. */
async function settleAll<Item, Result>(
  rules: BatchRules<Item, Result>,
  completed: readonly Waiting<Item, Result>[],
): Promise<void> {
  const batch = completed.filter(({ signal }) => signal?.aborted !== true)
  if (batch.length === 0) return
  try {
    const results = await rules.settle(batch.map(({ item }) => item))
    for (const [place, { promise }] of batch.entries()) {
      const result = results[place]
      if (result?.status === 'fulfilled') promise.resolve(result.value)
      else promise.reject(result?.reason ?? new Error('The batch has no result for this item.'))
    }
  } catch (error) {
    for (const { promise } of batch) promise.reject(error)
  }
}
