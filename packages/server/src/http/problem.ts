import { type ErrorCode, type ErrorContext, StorageError } from '@filegate/core'

/** What HTTP calls an error where that is not what it calls others of its kind. */
export interface HttpName {
  readonly status?: number | undefined
  /** The `code` of the envelope. */
  readonly code: string
  /** Whether the body is `{ "error": ... }` and nothing else, as the documents have it for some. */
  readonly bare?: boolean | undefined
  /** Members of the envelope that lead somewhere here, as paths below where everything is served. */
  readonly links?: Readonly<Record<string, string>> | undefined
}

const names = new WeakMap<StorageError, HttpName>()

/** An error with a status, or a `code`, of its own. */
export function problem(code: ErrorCode, name: HttpName, message: string, context?: ErrorContext): StorageError {
  const error = new StorageError(code, message, context)
  names.set(error, name)
  return error
}

export const httpNameOf = (error: StorageError): HttpName | undefined => names.get(error)
