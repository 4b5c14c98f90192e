import { createHash } from 'node:crypto'
import { Client } from 'pg'
import { connectionConfig } from './postgres-dialect.ts'
import { isUnreachable } from './postgres-errors.ts'
import type { TryLock } from './try-lock.ts'

/** Milliseconds between two looks whether the connection that holds the lock still lives. */
const lookAfter = 10_000
/** Milliseconds after which a lock that somebody else holds is tried again: each time takes a connection. */
const tryAfter = 3000

/**
 * A lock in PostgreSQL, held by a connection of its own: it is free again when that ends, however it ends. While the database
 * does not answer, nobody gets it.
 */
export function postgresLock(address: string, schema: string, name: string): TryLock {
  const key = createHash('sha256').update(`filegate ${schema} ${name}`).digest().readBigInt64BE(0).toString()
  let nextTry = 0
  return async (lost) => {
    if (performance.now() < nextTry) return undefined
    const client = new Client({ ...connectionConfig(address, schema), query_timeout: lookAfter })
    let isOver = false
    const end = async (): Promise<void> => {
      isOver = true
      clearInterval(looking)
      await client.end()
    }
    const fail = (): void => {
      if (isOver) return
      // What it held is free as soon as the other side notices, whatever comes of this.
      end().catch(() => {})
      lost()
    }
    const looking = setInterval(() => void client.query('select 1').catch(fail), lookAfter).unref()
    // Before the lock is held, this is told by the question that failed.
    let onEnd = (): void => {}
    client.on('error', () => onEnd())
    client.on('end', () => onEnd())
    try {
      await client.connect()
      const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1::bigint) as held', [key])
      if (rows[0]?.held !== true) {
        nextTry = performance.now() + tryAfter
        await end()
        return undefined
      }
    } catch (error) {
      await end().catch(() => {})
      if (isUnreachable(error)) return undefined
      throw error
    }
    onEnd = fail
    return { release: end }
  }
}
