import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { StoragePath } from '@filegate/core'
import type { Kysely } from 'kysely'
import { enterPart, settle } from './enter-remainder.ts'
import { openLedger } from './ledger.ts'
import { concerns, formerPath, readRemainders } from './remainder.ts'
import type { JournalSchema } from './schema.ts'

/** Enters what is left to tell of changes of whole folders. Several processes may be at it: each does the next part. */
export interface Finishing {
  /** Goes on with what is left, while others go on with what they do. */
  start(): void
  /** As `start`, if a process before this one has left something. */
  resume(): void
  /** Those of the paths which something concerns that is left. */
  ahead(paths: readonly StoragePath[]): Promise<readonly StoragePath[]>
  /** Resolves once nothing is left that concerns these paths. @throws what keeps it from being entered */
  over(paths: readonly StoragePath[]): Promise<void>
  /** Resolves once all is told that there is to tell of one path. */
  settle(path: StoragePath): Promise<void>
  close(): Promise<void>
}

export interface FinishingParts {
  readonly reading: Kysely<JournalSchema>
  readonly change: <Result>(work: (database: Kysely<JournalSchema>) => Promise<Result>) => Promise<Result>
}

/** Milliseconds until it is tried again when nothing can be entered. */
const again = 5000

export function createFinishing({ reading, change }: FinishingParts): Finishing {
  const closing = new AbortController()
  let part: Promise<boolean> | undefined
  let running: Promise<void> | undefined
  let isAsked = false

  /** Whether there may be more. */
  const next = (): Promise<boolean> => {
    part ??= change(enterNext).finally(() => {
      part = undefined
    })
    return part
  }

  async function run(): Promise<void> {
    while (isAsked && !closing.signal.aborted) {
      isAsked = false
      try {
        if (await next()) isAsked = true
        // Others get their turn on this thread.
        await setImmediate()
      } catch {
        isAsked = true
        // Whoever waits for it is told, and what it is about stays noted until it is entered.
        await sleep(again, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)
      }
    }
    running = undefined
  }

  async function ahead(paths: readonly StoragePath[]): Promise<readonly StoragePath[]> {
    const left = await readRemainders(reading)
    return left.length === 0 ? [] : paths.filter((path) => left.some((remainder) => concerns(remainder, path)))
  }

  function start(): void {
    isAsked = true
    running ??= run()
  }

  return {
    start,
    resume() {
      // Where that cannot be found out now, whoever enters something finds it.
      void readRemainders(reading).then(
        (left) => left.length > 0 && start(),
        () => undefined,
      )
    },
    ahead,
    async over(paths) {
      while ((await ahead(paths)).length > 0) {
        await next()
        await setImmediate()
      }
    },
    async settle(path) {
      const left = await readRemainders(reading)
      if (!left.some((remainder) => formerPath(remainder, path) !== undefined)) return
      await change((database) => settleNow(database, path))
    },
    async close() {
      closing.abort()
      await running
    },
  }
}

const settleNow = (database: Kysely<JournalSchema>, path: StoragePath): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const ledger = await openLedger(transaction)
    await settle(ledger, path)
    await ledger.flush()
  })

const enterNext = (database: Kysely<JournalSchema>): Promise<boolean> =>
  database.transaction().execute(async (transaction) => {
    const ledger = await openLedger(transaction)
    const [first] = ledger.remainders
    if (!first) return false
    await enterPart(ledger, first)
    await ledger.flush()
    return ledger.remainders.length > 0
  })
