import type { StorageDriver } from '../contract.ts'
import { StorageError } from '../error.ts'
import { around, type Layer, type OperationName } from './around.ts'
import { continuedBody } from './continued-body.ts'
import { abandon, type ChunkSource, chunksOf, pulledBody } from './pulled.ts'
import { type Attempt, createAttempt, type RetryPolicy } from './retry-policy.ts'

/** Which calls may be made twice. The others are repeated only when the vendor refused to begin with them. */
const idempotent: Readonly<Record<OperationName, boolean>> = {
  stat: true,
  list: true,
  read: true,
  walk: true,
  hash: true,
  revisions: true,
  remove: true,
  makeDirectory: true,
  setModified: true,
  about: true,
  changes: true,
  handle: true,
  write: false,
  copy: false,
  copyFrom: false,
  move: false,
  publicLink: false,
}

/**
 * Calls that fail for a while are made again, and bodies that break go on where they broke. A failure that outlasts the
 * tries comes out `persistent`, so that retries around this one never multiply.
 */
export function retried(policy: RetryPolicy = {}): Layer {
  const attempt = createAttempt(policy)
  return (inner) => {
    const outer = around(inner, ({ operation, options: { signal } }, proceed) => {
      const mayRepeat = (error: StorageError): boolean => idempotent[operation] || error.code === 'Throttled'
      return attempt(() => proceed(), { signal, mayRepeat })
    })
    return {
      ...outer,
      async read(path, options = {}) {
        const result = await outer.read(path, options)
        return { ...result, body: continuedBody(inner, attempt, path, options, result) }
      },
      ...(inner.remove && { remove: removeOnce(inner.remove.bind(inner), attempt) }),
      ...(inner.write && { write: writeOnce(inner.write.bind(inner), attempt) }),
    }
  }
}

/** A repeated removal that finds nothing means that the first one worked and only its answer was lost. */
function removeOnce(remove: NonNullable<StorageDriver['remove']>, attempt: Attempt): typeof remove {
  return (path, options) =>
    attempt(
      async (count) => {
        try {
          await remove(path, options)
        } catch (error) {
          if (count === 1 || !StorageError.is(error, 'NotFound')) throw error
        }
      },
      { signal: options?.signal },
    )
}

/** A write can only be repeated while nobody has taken a byte of its body. */
function writeOnce(write: NonNullable<StorageDriver['write']>, attempt: Attempt): typeof write {
  return async (path, options) => {
    let taken: ChunkSource | undefined
    const untouched = (): ReadableStream<Uint8Array> =>
      pulledBody({
        next() {
          taken ??= chunksOf(options.body)
          return taken.next()
        },
        async cancel(reason) {
          await taken?.cancel(reason)
        },
      })
    try {
      return await attempt(() => write(path, { ...options, body: untouched() }), {
        signal: options.signal,
        mayRepeat: () => taken === undefined,
      })
    } catch (error) {
      abandon(taken ?? options.body, error)
      throw error
    }
  }
}
