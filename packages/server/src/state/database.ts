import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from './migrations.ts'
import type { StateSchema } from './schema.ts'
import { openSqlite, tryLock } from './sqlite-database.ts'

export type StateDatabase = Kysely<StateSchema>

/** Milliseconds. */
const lockPatience = 30_000
const lockPause = 15

/** A migration is undone as a whole when it fails, or when the process dies in the middle: SQLite can do that. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class StateDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}

/**
 * Opens the state of the server in its data folder and brings its schema up to date. Several processes may open it at once.
 * @throws Error naming the file when it is damaged or was written by a newer version.
 */
export async function openState(dataDirectory: string): Promise<StateDatabase> {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const path = join(dataDirectory, 'state.sqlite')
  // SQLite gives the files beside it the same permissions.
  closeSync(openSync(path, 'a', 0o600))
  const database = new Kysely<StateSchema>({ dialect: new StateDialect({ database: async () => openSqlite(path) }) })
  const { error } = await oneAtATime(dataDirectory, () =>
    new Migrator({ db: database, provider: { getMigrations: async () => ({ ...migrations }) } }).migrateToLatest(),
  ).catch((error: unknown) => ({ error }))
  if (!error) return database
  await database.destroy()
  const reason = error instanceof Error ? error.message : 'unknown error'
  throw new Error(`The state in ${path} cannot be used: ${reason}`, { cause: error })
}

/** Of several processes that start together, one migrates at a time. A lock that its holder dies with is free again. */
async function oneAtATime<Result>(dataDirectory: string, work: () => Promise<Result>): Promise<Result> {
  const path = join(dataDirectory, 'state.lock')
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
