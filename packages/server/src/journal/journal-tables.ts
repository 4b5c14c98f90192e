import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { type DatabaseOptions, openAnother, openDatabase } from '../state/open-database.ts'
import { fileLock } from '../state/sqlite-database.ts'
import type { TryLock } from '../state/try-lock.ts'
import { placeOfContents } from './contents-of-database.ts'
import type { JournalDatabase } from './journal-store.ts'
import { type JournalSchema, journalMigrations } from './schema.ts'

/** The tables of a journal, and what belongs to them. */
export interface JournalTables {
  readonly database: JournalDatabase
  /** For questions; it does not wait for what is being entered. May be the same. */
  readonly reading: JournalDatabase
  /** Of all processes with the same journal, who holds it is the keeper. */
  readonly keeperLock: TryLock
  /** Absolute path of the folder for contents. */
  readonly contents: string
  /** Bytes of a path that can be entered. Absent: any number. */
  readonly longestPath?: number | undefined
  /** Bytes that the tables take. */
  bytes(): Promise<number>
  close(): Promise<void>
}

export interface TablesPlace {
  /** Absolute path of a folder of ours, for this journal only. */
  readonly directory: string
  /** Of a PostgreSQL that holds the tables in place of the folder, in a schema for this journal only. */
  readonly postgres?: { readonly url: string; readonly schema: string } | undefined
}

/** @throws Error naming the file, or the database, when it is damaged, was written by a newer version, or does not answer */
export const openJournalTables = ({ directory, postgres }: TablesPlace): Promise<JournalTables> =>
  postgres ? tablesOnPostgres(directory, postgres) : tablesInFile(directory)

/**
 * A loss of power may take the last moments of the file: what happened in them is found out again by comparing the folder with
 * what is known.
 */
async function tablesInFile(directory: string): Promise<JournalTables> {
  const options: DatabaseOptions = {
    directory,
    name: 'journal',
    migrations: journalMigrations,
    mayLose: 'the last moments',
  }
  const contents = join(directory, 'contents')
  mkdirSync(contents, { recursive: true, mode: 0o700 })
  const database = await openDatabase<JournalSchema>(options)
  const reading = openAnother<JournalSchema>(options)
  const file = join(directory, 'journal.sqlite')
  return {
    database,
    reading,
    keeperLock: fileLock(join(directory, 'journal-keeper.lock')),
    contents,
    bytes: async () =>
      [file, `${file}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
    async close() {
      await database.destroy()
      await reading.destroy()
    },
  }
}

/** A page of an index has to hold three entries of path and folder. */
const longestIndexed = 1300

async function tablesOnPostgres(
  directory: string,
  postgres: NonNullable<TablesPlace['postgres']>,
): Promise<JournalTables> {
  const { postgresLock } = await import('../state/postgres-lock.ts')
  const options = { directory, name: 'journal', migrations: journalMigrations, postgres }
  const database = await openDatabase<JournalSchema>(options)
  try {
    return {
      database,
      reading: database,
      keeperLock: postgresLock(postgres.url, postgres.schema, 'keeper'),
      contents: await placeOfContents(database, directory),
      longestPath: longestIndexed,
      bytes: () => bytesOfSchema(database, postgres.schema),
      close: () => database.destroy(),
    }
  } catch (error) {
    await database.destroy()
    throw error
  }
}

async function bytesOfSchema(database: JournalDatabase, schema: string): Promise<number> {
  const { rows } = await sql<{ bytes: number | null }>`
    select sum(pg_total_relation_size(c.oid)) as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relkind = 'r'`.execute(database)
  return rows[0]?.bytes ?? 0
}
