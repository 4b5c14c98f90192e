import type { Kysely } from 'kysely'
import { type DatabaseOptions, openAnother, openDatabase } from '../state/open-database.ts'
import { type DescribeFolder, enterAll } from './enter.ts'
import { openLedger } from './ledger.ts'
import type { Change } from './observation.ts'
import { type JournalSchema, journalMigrations } from './schema.ts'

export type JournalDatabase = Kysely<JournalSchema>

/** The tables of the journal. Changes are entered in the order in which they are given. */
export interface JournalStore {
  /** Resolves once they stand in the journal. Changes that come at about the same time share a transaction. */
  enter(changes: readonly Change[]): Promise<void>
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
const mostTogether = 500

/**
 * Opens the journal in a folder of ours. A loss of power may take its last moments: what happened in them is found out again
 * by comparing the folder with what is known.
 * @throws Error naming the file when it is damaged or was written by a newer version
 */
export async function openJournalStore(directory: string, describeFolder: DescribeFolder): Promise<JournalStore> {
  const options: DatabaseOptions = {
    directory,
    name: 'journal',
    migrations: journalMigrations,
    mayLose: 'the last moments',
  }
  const database = await openDatabase<JournalSchema>(options)
  return createJournalStore(database, openAnother<JournalSchema>(options), describeFolder)
}

/** The journal over two connections to its tables, which may be one. */
export function createJournalStore(
  database: JournalDatabase,
  reading: JournalDatabase,
  describeFolder: DescribeFolder,
): JournalStore {
  let waiting: Waiting[] = []
  let last: Promise<unknown> = Promise.resolve()

  function change<Result>(work: (database: JournalDatabase) => Promise<Result>): Promise<Result> {
    const result = last.then(() => work(database))
    last = Promise.allSettled([result])
    return result
  }

  async function enterWaiting(): Promise<void> {
    const some = waiting.slice(0, mostTogether)
    waiting = waiting.slice(mostTogether)
    if (some.length === 0) return
    try {
      await enterTogether(some.flatMap(({ changes }) => changes))
      for (const { resolve } of some) resolve()
    } catch (error) {
      if (some.length === 1) return some[0]?.reject(error)
      // One of them must not take the others along.
      for (const { changes, resolve, reject } of some) await enterTogether(changes).then(resolve, reject)
    }
  }

  const enterTogether = (changes: readonly Change[]): Promise<void> =>
    database
      .transaction()
      .execute(async (transaction) => enterAll(await openLedger(transaction), changes, describeFolder))

  return {
    enter(changes) {
      if (changes.length === 0) return Promise.resolve()
      return new Promise((resolve, reject) => {
        waiting.push({ changes, resolve, reject })
        void change(enterWaiting)
      })
    },
    reading,
    change,
    async close() {
      await last
      await database.destroy()
      if (reading !== database) await reading.destroy()
    },
  }
}
