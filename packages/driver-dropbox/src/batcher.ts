import { abortedBy, throwIfAborted } from '@filegate/core'

export interface BatchRules<Item, Result> {
  /** Items of a batch at most. `under-way`: a batch is complete as soon as nothing more is on its way into it. */
  readonly size: number | 'under-way'
  /** Milliseconds without a new item after which a batch is complete. */
  readonly idle: number
  /** Two items of one key never go into the same batch. */
  keyOf(item: Item): string
  /** Settles each item at its place. */
  settle(items: readonly Item[]): Promise<readonly PromiseSettledResult<Result>[]>
}

export interface Batcher<Item, Result> {
  /**
   * Makes an item and puts it into a batch. Resolves with the item once it is in, beside a promise of its result.
   * @param signal takes the item out again as long as its batch is not complete
   */
  submit(
    make: () => Promise<Item>,
    signal?: AbortSignal,
  ): Promise<{ readonly item: Item; readonly settled: Promise<Result> }>
  /** Settles what waits, where some of it has to do with the key by the test. */
  flush(concerns?: (key: string) => boolean): Promise<void>
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly key: string
  readonly promise: PromiseWithResolvers<Result>
  readonly release: () => void
}

/** The vendor takes no more in one call. */
const most = 1000

/** Collects items and settles them together, one batch after the other. */
export function createBatcher<Item, Result>(rules: BatchRules<Item, Result>): Batcher<Item, Result> {
  let waiting: Waiting<Item, Result>[] = []
  let settling: { readonly keys: ReadonlySet<string>; readonly done: Promise<void> }[] = []
  let onTheirWay = 0
  let timer: NodeJS.Timeout | undefined
  let last: Promise<void> = Promise.resolve()

  function complete(): void {
    clearTimeout(timer)
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    for (const one of batch) one.release()
    const batched = { keys: new Set(batch.map(({ key }) => key)), done: last.then(() => settleAll(rules, batch)) }
    last = batched.done
    settling.push(batched)
    void batched.done.finally(() => {
      settling = settling.filter((other) => other !== batched)
    })
  }

  function checkComplete(): void {
    const isFull = waiting.length >= (rules.size === 'under-way' ? most : Math.min(rules.size, most))
    if (isFull || (rules.size === 'under-way' && onTheirWay === 0)) complete()
  }

  function add(item: Item, signal: AbortSignal | undefined): Promise<Result> {
    const key = rules.keyOf(item)
    if (waiting.some((other) => other.key === key)) complete()
    const promise = Promise.withResolvers<Result>()
    const abort = (): void => {
      waiting = waiting.filter((other) => other !== one)
      if (signal) promise.reject(abortedBy(signal))
    }
    const one = { item, key, promise, release: () => signal?.removeEventListener('abort', abort) }
    signal?.addEventListener('abort', abort, { once: true })
    waiting.push(one)
    clearTimeout(timer)
    timer = setTimeout(complete, rules.idle)
    return promise.promise
  }

  return {
    async submit(make, signal) {
      onTheirWay += 1
      let item: Item
      let settled: Promise<Result>
      try {
        item = await make()
        throwIfAborted(signal)
        settled = add(item, signal)
      } finally {
        onTheirWay -= 1
        checkComplete()
      }
      return { item, settled }
    },
    async flush(concerns = () => true) {
      if (waiting.some(({ key }) => concerns(key))) complete()
      const concerned = settling.filter(({ keys }) => [...keys].some(concerns))
      await Promise.all(concerned.map(({ done }) => done))
    },
  }
}

/** Never rejects: each item hears of its own result. */
async function settleAll<Item, Result>(
  rules: BatchRules<Item, Result>,
  batch: readonly Waiting<Item, Result>[],
): Promise<void> {
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
