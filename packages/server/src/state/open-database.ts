import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { PostgresOptions } from './postgres-database.ts'
import { openSqlite, type SqliteOptions, tryLock } from './sqlite-database.ts'

/** Milliseconds. */
const lockPatience = 30_000
const lockPause = 15

export interface DatabaseOptions extends SqliteOptions {
  /** Absolute path of the folder that it stands in. */
  readonly directory: string
  /** Of the file, without an ending. */
  readonly name: string
  /** In place of the file. */
  readonly postgres?: Pick<PostgresOptions, 'url' | 'schema'> | undefined
  readonly migrations: Readonly<Record<string, Migration>>
}

/** A migration is undone as a whole when it fails, or when the process dies in the middle: SQLite can do that. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class TransactionalDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}

/**
 * Opens a database of ours and brings its schema up to date. Several processes may open it at once.
 * @throws Error naming the file when it is damaged or was written by a newer version.
 */
export async function openDatabase<Schema>(options: DatabaseOptions): Promise<Kysely<Schema>> {
  const { directory, name, postgres, migrations } = options
  if (postgres) {
    const { openPostgres } = await import('./postgres-database.ts')
    return openPostgres({ ...postgres, migrations })
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, `${name}.sqlite`)
  // SQLite gives the files beside it the same permissions.
  closeSync(openSync(path, 'a', 0o600))
  const database = new Kysely<Schema>({ dialect: sqliteDialect(path, options) })
  const { error } = await oneAtATime(join(directory, `${name}.lock`), () =>
    new Migrator({ db: database, provider: { getMigrations: async () => ({ ...migrations }) } }).migrateToLatest(),
  ).catch((error: unknown) => ({ error }))
  if (!error) return database
  await database.destroy()
  const reason = error instanceof Error ? error.message : 'unknown error'
  throw new Error(`The ${name} in ${path} cannot be used: ${reason}`, { cause: error })
}

/** One more connection to a database that is up to date, for reading while the first one is busy. */
export function openAnother<Schema>({
  directory,
  name,
  ...options
}: Omit<DatabaseOptions, 'migrations' | 'postgres'>): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: sqliteDialect(join(directory, `${name}.sqlite`), options) })
}

const sqliteDialect = (path: string, options: SqliteOptions): SqliteDialect =>
  new TransactionalDialect({ database: async () => openSqlite(path, options) })

/** Of several processes that start together, one migrates at a time. A lock that its holder dies with is free again. */
async function oneAtATime<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  closeSync(openSync(path, 'a', 0o600))
  // Waited for without blocking: the holder may be in this very process.
  let lock = tryLock(path)
  for (const deadline = performance.now() + lockPatience; !lock && performance.now() < deadline; lock = tryLock(path)) {
    await sleep(lockPause)
  }
  if (!lock) throw new Error('another process is changing it, and does not come to an end')
  try {
    return await work()
  } finally {
    lock.close()
  }
}
