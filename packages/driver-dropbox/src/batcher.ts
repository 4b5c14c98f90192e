import { throwIfAborted } from '@filegate/core'
import { settlingQueue, type Waiting, waitingFor } from './settling-queue.ts'

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

/** The vendor takes no more in one call. */
const most = 1000

/** Collects items and settles them together, one batch after the other. */
export function createBatcher<Item, Result>(rules: BatchRules<Item, Result>): Batcher<Item, Result> {
  let waiting: Waiting<Item, Result>[] = []
  const queue = settlingQueue(rules, () => checkComplete())
  let onTheirWay = 0
  /** Whether the time of the batch is up. */
  let isDue = false
  let timer: NodeJS.Timeout | undefined

  function complete(): void {
    clearTimeout(timer)
    isDue = false
    const batch = waiting
    waiting = []
    if (batch.length > 0) queue.add(batch)
  }

  function checkComplete(): void {
    if (waiting.length >= (rules.size === 'under-way' ? most : Math.min(rules.size, most))) return complete()
    if (rules.size !== 'under-way') return isDue ? complete() : undefined
    // What comes until the batch before is settled would have to wait for that anyway.
    if (queue.isEmpty() && (isDue || onTheirWay === 0)) complete()
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
    const one = waitingFor<Item, Result>({ item, key, signal }, () => {
      waiting = waiting.filter((other) => other !== one)
    })
    waiting.push(one)
    // Where no number is enough, one more item every now and then must not keep the first waiting for ever.
    if (rules.size !== 'under-way' || waiting.length === 1) restart()
    return one.promise.promise
  }

  return {
    async submit(make, signal) {
      if (queue.isFull()) await queue.room()
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
      await queue.settled(concerns)
    },
  }
}
