/**
 * Runs `work` on items as they come, `most` at a time. The first failure aborts the signal that `work` is given, and is what
 * this rejects with once nothing runs any more.
 */
export async function inParallel<Item>(
  items: AsyncIterable<Item>,
  most: number,
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const leaving = new AbortController()
  const together = AbortSignal.any([signal, leaving.signal])
  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  const fail = (error: unknown): void => {
    failure ??= { error }
    leaving.abort(error)
  }
  const attempt = async (item: Item): Promise<void> => {
    try {
      await work(item, together)
    } catch (error) {
      fail(error)
    }
  }
  try {
    for await (const item of items) {
      if (failure) break
      const task = attempt(item).finally(() => running.delete(task))
      running.add(task)
      if (running.size >= most) await Promise.race(running)
    }
  } catch (error) {
    fail(error)
  }
  await Promise.all(running)
  if (failure) throw failure.error
}
