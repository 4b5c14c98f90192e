export interface Window<T> {
  /** How many may be under way or waiting to be taken. */
  readonly most: number
  /** What one costs while it is under way, in any unit; nothing when absent. */
  readonly weigh?: ((item: T) => number) | undefined
  /** The window takes no further item while it weighs this much. */
  readonly heaviest?: number | undefined
}

interface Running<R> {
  readonly result: Promise<R>
  /** Resolves when `result` is settled either way. */
  readonly ended: Promise<void>
  settled: boolean
  readonly weight: number
}

/**
 * Works on several items at once and gives the results in the order of the items. Leaving the loop early, or an error in
 * it, ends the source; work that has begun is waited for, so whatever it uses may be released afterwards.
 */
export async function* inOrder<T, R>(
  items: AsyncIterator<T, void, undefined>,
  work: (item: T) => Promise<R>,
  { most, weigh = () => 0, heaviest = Infinity }: Window<T>,
): AsyncGenerator<R, void, undefined> {
  const running: Running<R>[] = []
  let weight = 0
  let exhausted = false
  let arriving: Promise<void> | undefined

  const take = async (): Promise<void> => {
    const next = await items.next()
    arriving = undefined
    if (next.done) {
      exhausted = true
      return
    }
    const started = begin(work(next.value), weigh(next.value))
    running.push(started)
    weight += started.weight
  }

  try {
    for (;;) {
      if (!exhausted && running.length < most && weight < heaviest) arriving ??= handled(take())
      const [front] = running
      if (front?.settled) {
        running.shift()
        weight -= front.weight
        yield await front.result
        continue
      }
      const pending = [front?.ended, arriving].filter((promise) => promise !== undefined)
      if (pending.length === 0) return
      await Promise.race(pending)
    }
  } finally {
    await Promise.allSettled([arriving, ...running.map(({ ended }) => ended)])
    await items.return?.()
  }
}

function begin<R>(result: Promise<R>, weight: number): Running<R> {
  const settle = (): void => {
    running.settled = true
  }
  const running: Running<R> = { result, weight, settled: false, ended: result.then(settle, settle) }
  return running
}

/** Its error is thrown to whoever waits for it later; until then it must not count as unhandled. */
function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => {})
  return promise
}
