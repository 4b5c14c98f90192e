import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import type { TryLock } from './try-lock.ts'

/** SQLITE_BUSY. */
const busy = 5

/** Milliseconds to wait for another process that writes. */
const patience = 10_000

export interface SqliteOptions {
  /**
   * What a loss of power may take. `nothing`: each transaction is on the disk before it counts. `the last moments`: it may go
   * back to an earlier transaction, and is whole then too. The end of the process takes nothing either way.
   */
  readonly mayLose?: 'nothing' | 'the last moments' | undefined
}

/** Node's own SQLite in the form that Kysely's dialect takes. One connection; the calls are synchronous and short. */
export function openSqlite(path: string, { mayLose = 'nothing' }: SqliteOptions = {}): SqliteDatabase {
  const database = new DatabaseSync(path)
  // The patience comes first: to change the journal takes a lock, which another process that starts may hold.
  const synchronous = mayLose === 'nothing' ? 'FULL' : 'NORMAL'
  database.exec(
    `PRAGMA busy_timeout = ${patience}; PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = ON`,
  )
  return {
    close: () => database.close(),
    prepare: preparing(database),
  }
}

/** Held until it is closed, or the process ends. Undefined when somebody else holds it. */
export function tryLock(path: string): { close(): void } | undefined {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return undefined
    throw error
  }
}

/** The same, for whoever does not care how it is held. */
export const fileLock =
  (path: string): TryLock =>
  async () => {
    closeSync(openSync(path, 'a', 0o600))
    const lock = tryLock(path)
    return lock && { release: async () => lock.close() }
  }

/** Statements that are kept: preparing one takes several times as long as running it. */
const capacity = 100

function preparing(database: DatabaseSync): SqliteDatabase['prepare'] {
  const prepared = new Map<string, SqliteStatement>()
  return (sql) => {
    const known = prepared.get(sql)
    if (known) return known
    if (prepared.size >= capacity) prepared.clear()
    const statement = statementOf(database, sql)
    prepared.set(sql, statement)
    return statement
  }
}

function statementOf(database: DatabaseSync, sql: string): SqliteStatement {
  const statement = database.prepare(sql)
  const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters.map(inputValue)
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    // A statement of its own, because rows of it may still be on their way when the next one asks.
    iterate: (parameters) => database.prepare(sql).iterate(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
  }
}

function inputValue(value: unknown): SQLInputValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value
  if (value instanceof Uint8Array) return value
  throw new TypeError(`SQLite cannot store a ${typeof value}`)
}
