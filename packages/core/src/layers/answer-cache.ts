import { throwIfAborted } from '../abort.ts'
import type { StoragePath } from '../path.ts'
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
}

export interface AnswerCacheOptions<Answer> {
  /** Milliseconds. */
  readonly timeToLive: number
  /** The most that the weights of all answers may come to. */
  readonly capacity: number
  readonly weigh: (answer: Answer) => number
  readonly clock: Clock
}

interface Kept<Answer> {
  readonly path: StoragePath
  readonly call: SharedCall<Answer>
  /** Absent while the answer is on its way. */
  expires?: number | undefined
  weight: number
}

/** Answers by path and question, the least recently given one dropped first. Failures are not kept. */
export function createAnswerCache<Answer>(options: AnswerCacheOptions<Answer>): AnswerCache<Answer> {
  const { timeToLive, capacity, weigh, clock } = options
  const kept = new Map<string, Kept<Answer>>()
  let total = 0

  function drop(key: string, record: Kept<Answer>): void {
    if (kept.get(key) !== record) return
    kept.delete(key)
    total -= record.weight
  }

  function usable(key: string): Kept<Answer> | undefined {
    const record = kept.get(key)
    if (!record) return undefined
    const isOver = record.expires === undefined ? record.call.abandoned : record.expires <= clock.now()
    if (isOver) drop(key, record)
    return isOver ? undefined : record
  }

  function ask(key: string, path: StoragePath, start: (signal: AbortSignal) => Promise<Answer>): Kept<Answer> {
    const before = kept.get(key)
    if (before) drop(key, before)
    const record: Kept<Answer> = { path, call: sharedCall(start), weight: 0 }
    kept.set(key, record)
    void record.call.outcome.then((outcome) =>
      outcome.status === 'fulfilled' ? keep(key, record, outcome.value) : drop(key, record),
    )
    return record
  }

  /** The answer has come. If it was forgotten on its way it may be out of date, and is not kept. */
  function keep(key: string, record: Kept<Answer>, answer: Answer): void {
    if (kept.get(key) !== record) return
    record.expires = clock.now() + timeToLive
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
      const key = `${path}\0${question}`
      const record = (fresh ? undefined : usable(key)) ?? ask(key, path, start)
      // Most recently used last.
      if (kept.delete(key)) kept.set(key, record)
      return record.call.join(signal)
    },
    forget(isTouched) {
      for (const [key, record] of kept) if (isTouched(record.path)) drop(key, record)
    },
  }
}
