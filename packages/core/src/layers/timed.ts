import type { ReadOptions, ReadResult, StorageDriver } from '../contract.ts'
import { StorageError } from '../error.ts'
import type { StoragePath } from '../path.ts'
import { around, type Layer, type OperationName } from './around.ts'
import { type Clock, systemClock } from './clock.ts'
import { type FollowingAbort, followingAbort, type IdleLimit, idleLimit, stallTimer, within } from './deadline.ts'
import { abandon, chunksOf, pulledBody, wrappedBody } from './pulled.ts'

/** Milliseconds. */
export interface TimeLimits {
  /** Until a call answers that only asks for something. Default one minute. */
  readonly quick?: number | undefined
  /** Until a call answers that makes the vendor work; for a write, since it last took bytes or told of progress. Default ten minutes. */
  readonly slow?: number | undefined
  /** Between two chunks of a body that somebody waits for. Default one minute. */
  readonly idle?: number | undefined
}

const speeds: Readonly<Record<OperationName, 'quick' | 'slow'>> = {
  stat: 'quick',
  list: 'quick',
  read: 'quick',
  walk: 'quick',
  revisions: 'quick',
  makeDirectory: 'quick',
  setModified: 'quick',
  about: 'quick',
  changes: 'quick',
  publicLink: 'quick',
  handle: 'quick',
  hash: 'slow',
  write: 'slow',
  remove: 'slow',
  copy: 'slow',
  copyFrom: 'slow',
  move: 'slow',
}

/**
 * One attempt takes at most so long, then the call behind it is aborted and it rejects with `TimedOut`. Time in which the
 * consumer of a body, or the source of an upload, is the slow one does not count.
 */
export function timed(limits: TimeLimits = {}, clock: Clock = systemClock): Layer {
  const { quick = 60_000, slow = 600_000, idle = 60_000 } = limits
  const timing = { quick, slow, idle, clock }
  return (inner) => {
    const outer = around(inner, async ({ operation, path, options }, proceed) => {
      const limit = timing[speeds[operation]]
      const abort = followingAbort(options.signal)
      const expire = (): Error => abort.now(timeout(inner, operation, path, limit))
      try {
        return await within(proceed({ signal: abort.signal }), limit, clock, expire)
      } finally {
        abort.release()
      }
    })
    const write = inner.write?.bind(inner)
    return {
      ...outer,
      read: (path, options) => timedRead(inner, timing, path, options),
      ...(write && { write: timedWrite(inner, write, timing) }),
    }
  }
}

interface Timing {
  readonly quick: number
  readonly slow: number
  readonly idle: number
  readonly clock: Clock
}

function timeout({ provider }: StorageDriver, operation: string, path: StoragePath, limit: number): StorageError {
  const message = `${provider} did not answer within ${limit / 1000} s (${operation} of /${path}).`
  return new StorageError('TimedOut', message, { provider, operation, path })
}

async function timedRead(
  inner: StorageDriver,
  timing: Timing,
  path: StoragePath,
  options: ReadOptions = {},
): Promise<ReadResult> {
  const { quick, idle, clock } = timing
  const abort = followingAbort(options.signal)
  const answer = inner.read(path, { ...options, signal: abort.signal })
  try {
    const result = await within(answer, quick, clock, () => abort.now(timeout(inner, 'read', path, quick)))
    const patience = idleLimit(idle, clock, () => abort.now(timeout(inner, 'read', path, idle)))
    return { ...result, body: timedBody(result.body, abort, patience) }
  } catch (error) {
    abort.release()
    // A driver that answers after all would leave a body that nobody reads.
    void answer.then(({ body }) => abandon(body, error), ignored)
    throw error
  }
}

/** The caller has an error already; the late one of the same call says nothing new. */
function ignored(_late: unknown): void {}

/** A body whose chunks come in time. The abort goes on with it, since it ends what is behind the body. */
function timedBody(
  body: ReadableStream<Uint8Array>,
  abort: FollowingAbort,
  patience: IdleLimit,
): ReadableStream<Uint8Array> {
  function finish(): void {
    patience.stop()
    abort.release()
  }
  return wrappedBody(body, (chunks) => ({
    async next() {
      try {
        const chunk = await patience.during(chunks.next())
        if (!chunk) finish()
        return chunk
      } catch (error) {
        finish()
        abandon(chunks, error)
        throw error
      }
    },
    async cancel(reason) {
      finish()
      await chunks.cancel(reason)
    },
  }))
}

function timedWrite(
  inner: StorageDriver,
  write: NonNullable<StorageDriver['write']>,
  { slow, clock }: Timing,
): typeof write {
  return async (path, options) => {
    const abort = followingAbort(options.signal)
    const stalled = stallTimer(slow, clock, () => abort.now(timeout(inner, 'write', path, slow)))
    const chunks = chunksOf(options.body)
    const body = pulledBody({ ...chunks, next: () => stalled.pausedDuring(() => chunks.next()) })
    const progressed = (): void => void stalled.pausedDuring(async () => {})
    try {
      return await Promise.race([write(path, { ...options, body, progressed, signal: abort.signal }), stalled.expired])
    } catch (error) {
      abandon(chunks, error)
      throw error
    } finally {
      stalled.stop()
      abort.release()
    }
  }
}
