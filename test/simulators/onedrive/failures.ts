import type { Answer } from './answer.ts'
import { type ErrorCode, GraphError } from './graph-error.ts'

/** What goes wrong with a request. */
export interface Failure {
  /** How many requests meet it. Default: one. */
  readonly times?: number | undefined
  /** Only operations of these names, as `requests` has them. */
  readonly operation?: string | readonly string[] | undefined
  /** Refused with this. `InvalidAuthenticationToken` is what a token that has run out gets. */
  readonly code?: ErrorCode | undefined
  readonly message?: string | undefined
  /** Another status than the usual one of the code. */
  readonly status?: number | undefined
  /** Seconds, for the header Retry-After. */
  readonly retryAfter?: number | undefined
  /** The connection breaks after so many bytes of what is sent; nothing of it counts. */
  readonly cut?: number | undefined
  /** The connection breaks after so many bytes of the answer; what was asked for has happened. */
  readonly after?: number | undefined
}

export interface Failures {
  add(failure: Failure): void
  next(operation: string): Failure | undefined
}

export function failures(): Failures {
  const waiting: { readonly failure: Failure; left: number }[] = []
  const means = ({ operation }: Failure, name: string): boolean =>
    operation === undefined || (Array.isArray(operation) ? operation.includes(name) : operation === name)
  return {
    add: (failure) => void waiting.push({ failure, left: failure.times ?? 1 }),
    next(operation) {
      const found = waiting.find(({ failure, left }) => left > 0 && means(failure, operation))
      if (found) found.left -= 1
      return found?.failure
    },
  }
}

/** Breaks the connection in the middle of a request. */
export class Cut extends Error {
  readonly bytes: number
  constructor(bytes: number) {
    super(`The connection breaks after ${bytes} bytes.`)
    this.bytes = bytes
  }
}

/** @throws GraphError, Cut */
export function refuse({ code, message, retryAfter, cut }: Failure): void {
  if (cut !== undefined) throw new Cut(cut)
  if (code === undefined) return
  const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }
  throw new GraphError(code, {
    message,
    headers,
    ...(code === 'activityLimitReached' && { inner: 'throttledRequest' }),
  })
}

export const changedStatus = (answer: Answer, failure: Failure | undefined): Answer =>
  failure?.code !== undefined && failure.status !== undefined ? { ...answer, status: failure.status } : answer
