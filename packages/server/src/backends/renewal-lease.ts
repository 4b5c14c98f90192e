import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { abortedBy, StorageError } from '@filegate/core'
import type { StateDatabase } from '../state/database.ts'
import { backendNotFound } from './backend-errors.ts'

/** Lets one of all the processes that share a database renew the token of a backend at a time. */
export interface RenewalLeases {
  /**
   * Runs `work` when nobody else does. The signal ends the waiting, not the work.
   * @throws StorageError `NotFound` for an unknown backend, `Unavailable` when it is never our turn
   */
  alone<Result>(id: string, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result>
}

/** Milliseconds. */
export interface LeaseTimes {
  /** Between two affirmations of whoever holds it. */
  readonly affirm: number
  /** Without an affirmation, after which its holder counts as dead. */
  readonly dead: number
  readonly patience: number
}

const usual: LeaseTimes = { affirm: 1_000, dead: 5_000, patience: 45_000 }
const pauses = { first: 15, longest: 250, growth: 1.5 } as const

/**
 * The lease is a text in the row, which its holder changes again and again. Whoever waits takes it over once it has not changed for
 * long, by the clock of the one that waits: so it does not matter whether the clocks of several servers agree.
 */
export function createRenewalLeases(database: StateDatabase, times: LeaseTimes = usual): RenewalLeases {
  const swap: Swap = async (id, from, to) => {
    const { numUpdatedRows } = await database
      .updateTable('backend')
      .set({ renewing: to })
      .where('id', '=', id)
      .where('renewing', from === null ? 'is' : '=', from)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }
  async function look(id: string): Promise<string | null> {
    const row = await database.selectFrom('backend').select('renewing').where('id', '=', id).executeTakeFirst()
    if (row) return row.renewing
    throw backendNotFound(id)
  }
  async function take(id: string, mine: string, signal: AbortSignal | undefined): Promise<void> {
    const start = performance.now()
    let seen = await look(id)
    // Milliseconds that it was waited for a change. Where we stood still ourselves, so may its holder have.
    let unchanged = 0
    for (let pause: number = pauses.first; ; pause = Math.min(pause * pauses.growth, pauses.longest)) {
      if (signal?.aborted) throw abortedBy(signal)
      const isFree = seen === null || unchanged > times.dead
      if (isFree && (await swap(id, seen, mine))) return
      if (performance.now() - start > times.patience) {
        throw new StorageError('Unavailable', 'Another process renews the token of this backend, and does not end.')
      }
      await sleep(pause)
      const now = await look(id)
      unchanged = now === seen ? unchanged + pause : 0
      seen = now
    }
  }
  return {
    async alone(id, work, signal) {
      const holder = randomBytes(9).toString('base64url')
      await take(id, `${holder}.0`, signal)
      const release = affirmed(swap, id, holder, times.affirm)
      try {
        return await work()
      } finally {
        await release()
      }
    },
  }
}

/** Replaces the text of a lease, if it is still `from`. Whether it was. */
type Swap = (id: string, from: string | null, to: string | null) => Promise<boolean>

/** Affirms a lease until the function that it gives is called, which gives it back. */
function affirmed(swap: Swap, id: string, holder: string, interval: number): () => Promise<void> {
  const textOf = (count: number): string => `${holder}.${count}`
  let count = 0
  let last: Promise<void> = Promise.resolve()
  /** One after the other. What fails is as if it had not been: then the lease ends by itself. */
  const step = (to: (next: number) => string | null): Promise<void> => {
    last = last
      .then(async () => {
        if (await swap(id, textOf(count), to(count + 1))) count += 1
      })
      .catch(() => {})
    return last
  }
  const timer = setInterval(() => void step(textOf), interval).unref()
  return () => {
    clearInterval(timer)
    return step(() => null)
  }
}
