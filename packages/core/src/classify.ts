import { codeOfNetworkError } from './classify-network.ts'
import { classificationOfStatus } from './classify-status.ts'
import { type ErrorCode, type ErrorContext, type Fate, StorageError } from './error.ts'
import { member } from './member.ts'

/** What a vendor's error means in the terms of the contract. */
export interface Classification {
  readonly code: ErrorCode
  /** Absent: the usual one of the code. */
  readonly fate?: Fate | undefined
  /** Seconds to wait, where the vendor said so. */
  readonly retryAfter?: number | undefined
  /** A sentence for users in place of the general one. It must hold no secret. */
  readonly message?: string | undefined
}

/** A driver's table from what its vendor throws to what that means. `undefined` leaves it to the general rules. */
export type Classify = (error: unknown) => ErrorCode | Classification | undefined

export interface FailedCall extends ErrorContext {
  readonly provider: string
  readonly operation: string
  readonly path: string
  readonly signal?: AbortSignal | undefined
}

/** An error and what caused it, at most so many steps down: vendors wrap network errors several times. */
function* causes(error: unknown, depth = 6): Generator {
  if (depth === 0 || error === undefined || error === null) return
  yield error
  yield* causes(member(error, 'cause'), depth - 1)
  const errors = member(error, 'errors')
  if (Array.isArray(errors)) yield* causes(errors[0], depth - 1)
}

/** The general rules: the HTTP status that vendor libraries put on their errors, else the code of a network or system error. */
export function classifyByConvention(error: unknown): Classification | undefined {
  for (const cause of causes(error)) {
    const found = classificationOfStatus(cause) ?? codeOfNetworkError(cause)
    if (found) return found
  }
  return undefined
}

/** An error as the StorageError that callers are promised. What is one already only learns where it happened. */
export function toStorageError(error: unknown, call: FailedCall, classify?: Classify): StorageError {
  const { provider, operation, path, signal } = call
  const context = { provider, operation, path }
  if (StorageError.is(error)) return error.with(context)
  if (signal?.aborted && StorageError.is(signal.reason)) return signal.reason.with(context)
  if (signal?.aborted) return new StorageError('Aborted', 'The operation was aborted.', { ...context, cause: error })
  // A refusal of ours inside a vendor library's error: what is not allowed to be reached, say.
  for (const cause of causes(member(error, 'cause'))) if (StorageError.is(cause)) return cause.with(context)
  const found = classify?.(error) ?? classifyByConvention(error) ?? 'Unexpected'
  const { code, fate, retryAfter, message } = typeof found === 'string' ? classification(found) : found
  return new StorageError(code, message ?? sentences[code](call), { ...context, fate, retryAfter, cause: error })
}

const classification = (code: ErrorCode): Classification => ({ code })

type Sentence = (call: FailedCall) => string

/** Of connecting, an operation on no path, the sentence has said enough without. */
const onPath = ({ operation, path }: FailedCall): string =>
  operation === 'connect' ? '' : ` (${operation} of /${path})`

/** What users are told. Vendors' own messages stay in `cause`: some hold signed URLs or tokens. */
const sentences: Readonly<Record<ErrorCode, Sentence>> = {
  NotFound: ({ path }) => `File or directory not found: /${path}`,
  AlreadyExists: ({ path }) => `There is something at /${path} already.`,
  NotADirectory: ({ path }) => `Not a directory: /${path}`,
  IsADirectory: ({ path }) => `Is a directory, not a file: /${path}`,
  DirectoryNotEmpty: ({ path }) => `The directory /${path} is not empty.`,
  InvalidPath: ({ provider, path }) => `${provider} does not allow the path /${path}.`,
  InvalidArgument: (call) => `${call.provider} found the request wrong${onPath(call)}.`,
  AccessDenied: ({ provider, operation, path }) =>
    operation === 'connect'
      ? `${provider} does not permit it.`
      : `${provider} does not permit ${operation} of /${path}.`,
  Unauthenticated: ({ provider }) => `${provider} did not accept the credentials.`,
  PreconditionFailed: ({ path }) => `A condition on /${path} does not hold.`,
  NotModified: ({ path }) => `/${path} has not changed.`,
  RangeNotSatisfiable: ({ path }) => `The range lies outside /${path}.`,
  Conflict: ({ provider, path }) => `${provider} reports a conflict with another change of /${path}.`,
  TooLarge: ({ provider, path }) => `/${path} is larger than ${provider} allows.`,
  NoSpace: ({ provider }) => `No space is left on ${provider}.`,
  Throttled: ({ provider }) => `${provider} asks for fewer requests. Try again later.`,
  TimedOut: (call) => `${call.provider} did not answer in time${onPath(call)}.`,
  Unavailable: (call) => `${call.provider} could not be reached${onPath(call)}.`,
  Unsupported: ({ provider, operation }) => `${provider} cannot do this (${operation}).`,
  Aborted: () => 'The operation was aborted.',
  Unexpected: (call) => `${call.provider} failed in an unknown way${onPath(call)}.`,
}
