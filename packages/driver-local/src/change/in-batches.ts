import { throwIfAborted } from '@filegate/core'

/** Runs `work` on items, `most` at a time; nothing runs any more when this settles. Rejects with the first failure. */
export async function inBatches<Item>(
  items: readonly Item[],
  most: number,
  signal: AbortSignal | undefined,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < items.length; at += most) {
    throwIfAborted(signal)
    const batch = await Promise.allSettled(items.slice(at, at + most).map(work))
    const failed = batch.find((done) => done.status === 'rejected')
    if (failed) throw failed.reason
  }
}
