/** One piece of work; `signal` ends it when another piece has failed. */
export type Work = (signal: AbortSignal) => Promise<void>

/**
 * Does pieces of work, several at a time. One at a time is taken from `next`, so that no more are held than there are lanes.
 * After the first failure none is begun any more, those under way are aborted, and that failure is what this rejects with.
 */
export async function inLanes(
  lanes: number,
  next: () => Promise<Work | undefined>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stop = new AbortController()
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  let turn: Promise<unknown> = Promise.resolve()
  let failure: { readonly error: unknown } | undefined

  async function take(): Promise<Work | undefined> {
    const before = turn
    const mine = (async () => {
      await before
      return failure ? undefined : next()
    })()
    turn = mine.catch(() => undefined)
    return mine
  }
  async function lane(): Promise<void> {
    try {
      for (let work = await take(); work; work = await take()) await work(stopped)
    } catch (error) {
      failure ??= { error }
      stop.abort(error)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  if (failure) throw failure.error
}

/** The same over a list. */
export async function eachInLanes<Item>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const waiting = items.values()
  const next = async (): Promise<Work | undefined> => {
    const { done, value } = waiting.next()
    return done ? undefined : (stopped) => work(value, stopped)
  }
  await inLanes(Math.min(lanes, items.length), next, signal)
}
