import type { StoragePath } from '@filegate/core'
import type { Kysely } from 'kysely'
import { type DescribeFolder, enterAll } from './enter.ts'
import { createFinishing } from './finishing.ts'
import { openLedger } from './ledger.ts'
import type { Change } from './observation.ts'
import type { JournalTables } from './journal-tables.ts'
import type { JournalSchema } from './schema.ts'

export type JournalDatabase = Kysely<JournalSchema>

/** The tables of the journal. Changes are entered in the order in which they are given. */
export interface JournalStore {
  /**
   * Resolves once they stand in the journal. Changes that come at about the same time share a transaction. What is to be told of all
   * that a large folder held may follow, a part at a time: `finished` waits for it.
   */
  enter(changes: readonly Change[]): Promise<void>
  /** Those of the paths about which, or about anything below them, something is left to tell. */
  unfinished(paths: readonly StoragePath[]): Promise<readonly StoragePath[]>
  /** Resolves once there is nothing left to tell of what these paths, or anything below them, went through. */
  finished(paths: readonly StoragePath[]): Promise<void>
  /** Resolves once there is nothing left to tell of a path alone. */
  settled(path: StoragePath): Promise<void>
  /**
   * Runs work that enters something at its end, and is about to end: what others enter waits for it a moment, so that they share a
   * transaction.
   */
  entering<Result>(work: () => Promise<Result>): Promise<Result>
  /** For questions; it does not wait for what is being entered. */
  readonly reading: JournalDatabase
  /** For everything else that changes tables: one at a time, in turn with the entering. */
  change<Result>(work: (database: JournalDatabase) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

interface Waiting {
  readonly changes: readonly Change[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Changes that share a transaction at most. */
const mostTogether = 100
/** Milliseconds that a change waits for others at most. A transaction costs more than what is entered in it. */
const patience = 3

/** The journal over its tables, which end with it. */
export function createJournalStore(
  { database, reading, ...tables }: Pick<JournalTables, 'database' | 'reading' | 'close'>,
  describeFolder: DescribeFolder,
): JournalStore {
  let waiting: Waiting[] = []
  /** How many are about to enter something. */
  let coming = 0
  let timer: NodeJS.Timeout | undefined
  const turns = changesInTurn(database)
  const { change } = turns
  const finishing = createFinishing({ reading, change })

  async function enterWaiting(): Promise<void> {
    const some = waiting.slice(0, mostTogether)
    waiting = waiting.slice(mostTogether)
    if (some.length === 0) return
    // Nobody else may come who would begin with the rest.
    if (waiting.length > 0) start()
    await enterSome(some, enterTogether)
  }

  const enterTogether = async (changes: readonly Change[]): Promise<void> => {
    if (await enterAtOnce(database, changes, describeFolder)) finishing.start()
  }

  function start(): void {
    clearTimeout(timer)
    timer = undefined
    void change(enterWaiting)
  }

  finishing.resume()
  return {
    unfinished: (paths) => finishing.ahead(paths),
    finished: (paths) => finishing.over(paths),
    settled: (path) => finishing.settle(path),
    enter(changes) {
      if (changes.length === 0) return Promise.resolve()
      return new Promise((resolve, reject) => {
        waiting.push({ changes, resolve, reject })
        if (waiting.length >= coming) start()
        else timer ??= setTimeout(start, patience)
      })
    },
    async entering(work) {
      coming += 1
      try {
        return await work()
      } finally {
        coming -= 1
      }
    },
    reading,
    change,
    async close() {
      if (timer) start()
      await finishing.close()
      await turns.end()
      await tables.close()
    },
  }
}

/** One change of the tables at a time, in the order in which they are asked for. */
function changesInTurn(database: JournalDatabase): Pick<JournalStore, 'change'> & { end(): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve()
  return {
    change(work) {
      const result = last.then(() => work(database))
      last = Promise.allSettled([result])
      return result
    },
    /** Resolves once none is left, with those that come meanwhile. */
    async end() {
      for (let end: unknown; end !== last; ) {
        end = last
        await last
      }
    },
  }
}

/** Whether something of a large folder is left to tell. */
const enterAtOnce = (
  database: JournalDatabase,
  changes: readonly Change[],
  describeFolder: DescribeFolder,
): Promise<boolean> =>
  database.transaction().execute(async (transaction) => {
    const ledger = await openLedger(transaction)
    await enterAll(ledger, changes, describeFolder)
    return ledger.remainders.length > 0
  })

async function enterSome(
  some: readonly Waiting[],
  enterTogether: (changes: readonly Change[]) => Promise<void>,
): Promise<void> {
  try {
    await enterTogether(some.flatMap(({ changes }) => changes))
    for (const { resolve } of some) resolve()
  } catch (error) {
    if (some.length === 1) return some[0]?.reject(error)
    // One of them must not take the others along.
    for (const { changes, resolve, reject } of some) await enterTogether(changes).then(resolve, reject)
  }
}
