import type { StorageDriver } from '../contract.ts'
import { type ErrorCode, StorageError } from '../error.ts'
import type { StoragePath } from '../path.ts'
import { around, type Layer, type OperationName } from './around.ts'
import { type Clock, systemClock } from './clock.ts'
import { chunksOf, pulledBody, wrappedBody } from './pulled.ts'

/** One operation, told once, when all of it is over: of a read, when its body is. */
export interface Observation {
  readonly provider: string
  readonly operation: OperationName
  readonly path: StoragePath
  /** Milliseconds. */
  readonly duration: number
  /** File content that went through, in either direction. */
  readonly bytes: number
  /** `cancelled`: the consumer wanted no more of a body. */
  readonly outcome: 'ok' | 'cancelled' | ErrorCode
  readonly error?: unknown
}

/** Must not throw. */
export type Observe = (observation: Observation) => void

/** Tells `observe` of every operation. */
export function observed(observe: Observe, clock: Clock = systemClock): Layer {
  return (inner) => {
    const begin = (operation: OperationName, path: StoragePath): Progress =>
      progressOf(clock, (end) => observe({ provider: inner.provider, operation, path, ...end }))
    const write = inner.write?.bind(inner)
    return {
      ...around(inner, ({ operation, path }, proceed) => finished(begin(operation, path), proceed())),
      async read(path, options) {
        const progress = begin('read', path)
        try {
          const result = await inner.read(path, options)
          return { ...result, body: watchedBody(result.body, progress) }
        } catch (error) {
          progress.fail(error)
          throw error
        }
      },
      ...(write && {
        write: async (path, options) => {
          const progress = begin('write', path)
          const chunks = chunksOf(options.body)
          const body = pulledBody({ ...chunks, next: async () => progress.counted(await chunks.next()) })
          return finished(progress, write(path, { ...options, body }))
        },
      }),
    } satisfies StorageDriver
  }
}

/** An operation under way. */
interface Progress {
  counted(chunk: Uint8Array | undefined): Uint8Array | undefined
  /** Only the first end counts. */
  end(outcome: Observation['outcome'], error?: unknown): void
  fail(error: unknown): void
}

type End = Pick<Observation, 'duration' | 'bytes' | 'outcome' | 'error'>

function progressOf(clock: Clock, tell: (end: End) => void): Progress {
  const started = clock.now()
  let bytes = 0
  let isOver = false
  function end(outcome: Observation['outcome'], error?: unknown): void {
    if (isOver) return
    isOver = true
    tell({ duration: clock.now() - started, bytes, outcome, ...(error !== undefined && { error }) })
  }
  return {
    end,
    fail: (error) => end(StorageError.is(error) ? error.code : 'Unexpected', error),
    counted(chunk) {
      bytes += chunk?.byteLength ?? 0
      return chunk
    },
  }
}

async function finished<Result>(progress: Progress, work: Promise<Result>): Promise<Result> {
  try {
    const result = await work
    progress.end('ok')
    return result
  } catch (error) {
    progress.fail(error)
    throw error
  }
}

/** A body that ends the operation with its own end. */
function watchedBody(body: ReadableStream<Uint8Array>, progress: Progress): ReadableStream<Uint8Array> {
  return wrappedBody(body, (chunks) => ({
    async next() {
      try {
        const chunk = progress.counted(await chunks.next())
        if (!chunk) progress.end('ok')
        return chunk
      } catch (error) {
        progress.fail(error)
        throw error
      }
    },
    async cancel(reason) {
      progress.end('cancelled')
      await chunks.cancel(reason)
    },
  }))
}
