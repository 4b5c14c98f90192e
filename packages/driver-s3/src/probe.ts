import { StorageError } from '@filegate/core'
import { bucketNames } from './buckets.ts'
import type { Connection } from './connection.ts'
import { nameOf, statusOf } from './errors.ts'
import { keyLister } from './list-keys.ts'

/** Milliseconds until a service counts as one that does not answer. */
const patience = 30_000

/**
 * Proves with one call that the service takes the key. A key that is known but may not list is good enough.
 * @throws StorageError that says in plain words what to look at
 */
export async function proveAccess(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
  const deadline = AbortSignal.timeout(patience)
  const within = signal ? AbortSignal.any([signal, deadline]) : deadline
  try {
    await ask(connection, within)
  } catch (error) {
    if (deadline.aborted && !signal?.aborted) {
      throw new StorageError('TimedOut', `The endpoint did not answer within ${patience / 1000} s.`, { cause: error })
    }
    if (nameOf(error) === 'AccessDenied' && statusOf(error) === 403) {
      connection.log.warn('The key is good, but it may not list.')
      return
    }
    throw error
  }
}

async function ask(connection: Connection, signal: AbortSignal): Promise<void> {
  const { only } = connection.places
  if (only === undefined) return void (await bucketNames(connection, { signal }))
  try {
    await keyLister(connection)({ bucket: only, prefix: '', delimited: true, limit: 1, signal })
  } catch (cause) {
    if (nameOf(cause) !== 'NoSuchBucket') throw cause
    throw new StorageError('NotFound', `There is no bucket ${only} at this endpoint.`, { cause })
  }
}
