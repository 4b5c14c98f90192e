import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError } from '@filegate/core'
import { Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { describeDatabaseUrl } from './database-url.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { reasonOf } from './postgres-errors.ts'

export interface PostgresOptions {
  readonly url: string
  /** Made when it is missing. */
  readonly schema: string
  readonly migrations: Readonly<Record<string, Migration>>
  /** Milliseconds in which a database that starts at the same time as we do may begin to answer. */
  readonly patience?: number | undefined
}

const pause = 250

/**
 * Opens a database of ours on a PostgreSQL and brings its schema up to date. Several servers may open it at once.
 * @throws Error that says which one, without its password, and what to look at
 */
export async function openPostgres<Schema>(options: PostgresOptions): Promise<Kysely<Schema>> {
  const { url, schema, migrations, patience = 10_000 } = options
  const database = new Kysely<Schema>({ dialect: postgresDialect(url, schema) })
  try {
    await answering(database, patience)
    await checkEncoding(database)
    const provider = { getMigrations: async () => ({ ...migrations }) }
    const { error } = await new Migrator({ db: database, provider, migrationTableSchema: schema }).migrateToLatest()
    if (error !== undefined) throw error
    return database
  } catch (error) {
    await database.destroy()
    const advice = StorageError.is(error, 'Unavailable')
      ? 'See that PostgreSQL runs there and that this machine may connect to it.'
      : 'See that --database-url names the right user, password and database, and that the user may create schemas in it.'
    const message = `The database ${describeDatabaseUrl(url)} cannot be used: ${reasonOf(error)}. ${advice}`
    throw new Error(message, { cause: error })
  }
}

/** Resolves when it answers: one that has just been started takes some seconds. */
async function answering<Schema>(database: Kysely<Schema>, patience: number): Promise<void> {
  for (const deadline = performance.now() + patience; ; await sleep(pause)) {
    try {
      await sql`select 1`.execute(database)
      return
    } catch (error) {
      if (!StorageError.is(error, 'Unavailable') || performance.now() > deadline) throw error
    }
  }
}

/** Names of files may hold any character. */
async function checkEncoding<Schema>(database: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ encoding: string }>`select current_setting('server_encoding') as encoding`.execute(
    database,
  )
  const encoding = rows[0]?.encoding ?? 'unknown'
  if (encoding !== 'UTF8') throw new Error(`its encoding is ${encoding}, and it has to be UTF8`)
}
