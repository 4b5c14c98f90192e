import { abortedBy, throwIfAborted } from '@filegate/core'

export interface BatchRules<Item, Result> {
  /**
   * Items of a batch at most. `under-way`: a batch is complete as soon as nothing more is on its way into it, and the batch
   * before it is settled.
   */
  readonly size: number | 'under-way'
  /** Milliseconds without a new item after which a batch is complete; with `under-way`, since its first item. */
  readonly idle: number
  /** Batches that may wait to be settled before nothing more is made for further ones. Default: any number. */
  readonly mostSettling?: number | undefined
  /** Two items of one key never go into the same batch. */
  keyOf(item: Item): string
  /** Settles each item at its place. */
  settle(items: readonly Item[]): Promise<readonly PromiseSettledResult<Result>[]>
}

export interface Batcher<Item, Result> {
  /**
   * Makes an item and puts it into a batch. Resolves with the item once it is in, beside a promise of its result. Begins only
   * when not too many batches wait.
   * @param signal takes the item out again as long as its batch is not being settled; after that nobody waits for the result
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
  readonly signal: AbortSignal | undefined
}

interface Settling {
  readonly keys: ReadonlySet<string>
  readonly done: Promise<void>
}

/** The vendor takes no more in one call. */
const most = 1000

/** Collects items and settles them together, one batch after the other. */
export function createBatcher<Item, Result>(rules: BatchRules<Item, Result>): Batcher<Item, Result> {
  const { mostSettling = Number.POSITIVE_INFINITY } = rules
  let waiting: Waiting<Item, Result>[] = []
  let settling: Settling[] = []
  let onTheirWay = 0
  /** Whether the time of the batch is up. */
  let isDue = false
  let timer: NodeJS.Timeout | undefined
  let last: Promise<void> = Promise.resolve()

  function complete(): void {
    clearTimeout(timer)
    isDue = false
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    const batched = { keys: new Set(batch.map(({ key }) => key)), done: last.then(() => settleAll(rules, batch)) }
    last = batched.done
    settling.push(batched)
    void batched.done.then(() => {
      settling = settling.filter((other) => other !== batched)
      checkComplete()
    })
  }

  function checkComplete(): void {
    if (waiting.length >= (rules.size === 'under-way' ? most : Math.min(rules.size, most))) return complete()
    if (rules.size !== 'under-way') return isDue ? complete() : undefined
    // What comes until the batch before is settled would have to wait for that anyway.
    if (settling.length === 0 && (isDue || onTheirWay === 0)) complete()
  }

  function restart(): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      isDue = true
      checkComplete()
    }, rules.idle)
  }

  function add(item: Item, signal: AbortSignal | undefined): Promise<Result> {
    const key = rules.keyOf(item)
    if (waiting.some((other) => other.key === key)) complete()
    const promise = Promise.withResolvers<Result>()
    const abort = (): void => {
      waiting = waiting.filter((other) => other !== one)
      if (signal) promise.reject(abortedBy(signal))
    }
    const one = { item, key, promise, signal }
    signal?.addEventListener('abort', abort, { once: true })
    promise.promise.then(release, release)
    function release(): void {
      signal?.removeEventListener('abort', abort)
    }
    waiting.push(one)
    // Where no number is enough, one more item every now and then must not keep the first waiting for ever.
    if (rules.size !== 'under-way' || waiting.length === 1) restart()
    return promise.promise
  }

  return {
    async submit(make, signal) {
      while (settling.length >= mostSettling) await settling[0]?.done
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
