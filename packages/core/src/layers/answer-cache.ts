import { throwIfAborted } from '../abort.ts'
import type { StoragePath } from '../path.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { Clock } from './clock.ts'
import { type SharedCall, sharedCall } from './shared-call.ts'

export interface Question {
  readonly path: StoragePath
  /** What was asked of the path besides. */
  readonly question: string
  /** Do not answer from memory. */
  readonly fresh?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface AnswerCache<Answer> {
  answer(question: Question, ask: (signal: AbortSignal) => Promise<Answer>): Promise<Answer>
  forget(isTouched: (path: StoragePath) => boolean): void
  /** Whether there is an answer that is out of date unless the feed says otherwise. */
  isDoubtful(question: Question): boolean
}

export interface AnswerCacheOptions<Answer> {
  /** Milliseconds. */
  readonly timeToLive: number
  /** The most that the weights of all answers may come to. */
  readonly capacity: number
  readonly weigh: (answer: Answer) => number
  readonly clock: Clock
  /** On whose word answers are good for longer. */
  readonly feed?: Pick<ChangeFeed, 'row' | 'confirmed'> | undefined
}

/** Milliseconds that an answer is good at most, however quiet the feed is: some vendors tell of a change late. */
const longest = 300_000

interface Kept<Answer> {
  readonly path: StoragePath
  readonly call: SharedCall<Answer>
  /** When it came. Absent while it is on its way. */
  came?: number | undefined
  /** That of the feed when it was asked for. */
  readonly row: number
  weight: number
}

/** Answers by path and question, the least recently given one dropped first. Failures are not kept. */
export function createAnswerCache<Answer>(options: AnswerCacheOptions<Answer>): AnswerCache<Answer> {
  const { timeToLive, capacity, weigh, clock, feed } = options
  const kept = new Map<string, Kept<Answer>>()
  let total = 0

  function drop(key: string, record: Kept<Answer>): void {
    if (kept.get(key) !== record) return
    kept.delete(key)
    total -= record.weight
  }

  function isOver({ came, row, call }: Kept<Answer>): boolean {
    if (came === undefined) return call.abandoned
    const confirmed = Math.min(feed?.confirmed(row) ?? came, came + longest)
    return Math.max(came, confirmed) + timeToLive <= clock.now()
  }

  function usable(key: string): Kept<Answer> | undefined {
    const record = kept.get(key)
    if (!record) return undefined
    if (!isOver(record)) return record
    drop(key, record)
    return undefined
  }

  function ask(key: string, path: StoragePath, start: (signal: AbortSignal) => Promise<Answer>): Kept<Answer> {
    const before = kept.get(key)
    if (before) drop(key, before)
    const record: Kept<Answer> = { path, row: feed?.row ?? 0, call: sharedCall(start), weight: 0 }
    kept.set(key, record)
    void record.call.outcome.then((outcome) =>
      outcome.status === 'fulfilled' ? keep(key, record, outcome.value) : drop(key, record),
    )
    return record
  }

  /** The answer has come. If it was forgotten on its way it may be out of date, and is not kept. */
  function keep(key: string, record: Kept<Answer>, answer: Answer): void {
    if (kept.get(key) !== record) return
    record.came = clock.now()
    record.weight = weigh(answer)
    total += record.weight
    for (const [oldest, other] of kept) {
      if (total <= capacity) return
      drop(oldest, other)
    }
  }

  return {
    async answer({ path, question, fresh, signal }, start) {
      throwIfAborted(signal)
      const key = keyOf(path, question)
      const record = (fresh ? undefined : usable(key)) ?? ask(key, path, start)
      // Most recently used last.
      if (kept.delete(key)) kept.set(key, record)
      return record.call.join(signal)
    },
    forget(isTouched) {
      for (const [key, record] of kept) if (isTouched(record.path)) drop(key, record)
    },
    isDoubtful({ path, question, fresh }) {
      const record = fresh ? undefined : kept.get(keyOf(path, question))
      return record?.came !== undefined && isOver(record)
    },
  }
}

const keyOf = (path: StoragePath, question: string): string => `${path}\0${question}`
