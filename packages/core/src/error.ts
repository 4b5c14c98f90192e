/** What went wrong, by kind. The server maps each to one HTTP status. */
export const errorCodes = [
  'NotFound',
  'AlreadyExists',
  'NotADirectory',
  'IsADirectory',
  'DirectoryNotEmpty',
  'InvalidPath',
  'InvalidArgument',
  'AccessDenied',
  'Unauthenticated',
  'PreconditionFailed',
  'NotModified',
  'RangeNotSatisfiable',
  'Conflict',
  'TooLarge',
  'NoSpace',
  'Throttled',
  'TimedOut',
  'Unavailable',
  'Unsupported',
  'Aborted',
  'Unexpected',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/**
 * Whether trying again can help. `temporary`: yes, soon. `persistent`: it was temporary, but the retries are used up, so
 * that stacked retries never multiply. `permanent`: no.
 */
export type Fate = 'permanent' | 'temporary' | 'persistent'

export interface ErrorContext {
  readonly fate?: Fate | undefined
  /** Seconds to wait before the next try, where the vendor said so. */
  readonly retryAfter?: number | undefined
  readonly provider?: string | undefined
  /** The contract method that failed: `stat`, `list`, `read`, ... */
  readonly operation?: string | undefined
  readonly path?: string | undefined
  readonly cause?: unknown
}

const temporaryCodes: ReadonlySet<ErrorCode> = new Set(['Throttled', 'TimedOut', 'Unavailable'])
const mark = Symbol.for('filegate.StorageError')

/** The one error of the contract. Recognise it with `StorageError.is`, which also works across copies of this package. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: ErrorCode
  readonly fate: Fate
  readonly retryAfter: number | undefined
  readonly provider: string | undefined
  readonly operation: string | undefined
  readonly path: string | undefined
  readonly [mark] = true

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, 'cause' in context ? { cause: context.cause } : undefined)
    this.code = code
    this.fate = context.fate ?? (temporaryCodes.has(code) ? 'temporary' : 'permanent')
    this.retryAfter = context.retryAfter
    this.provider = context.provider
    this.operation = context.operation
    this.path = context.path
  }

  /** Whether `error` is a StorageError, and of that code if one is given. */
  static is(error: unknown, code?: ErrorCode): error is StorageError {
    return error instanceof Error && mark in error && (code === undefined || ('code' in error && error.code === code))
  }

  /** The same error with more known about it; what is already known stays. */
  with(context: ErrorContext): StorageError {
    return new StorageError(this.code, this.message, {
      fate: context.fate ?? this.fate,
      retryAfter: this.retryAfter ?? context.retryAfter,
      provider: this.provider ?? context.provider,
      operation: this.operation ?? context.operation,
      path: this.path ?? context.path,
      cause: this.cause ?? context.cause,
    })
  }
}

export const notFound = (path: string): StorageError =>
  new StorageError('NotFound', `File or directory not found: /${path}`, { path })

export const notADirectory = (path: string): StorageError =>
  new StorageError('NotADirectory', `Not a directory: /${path}`, { path })

export const isADirectory = (path: string): StorageError =>
  new StorageError('IsADirectory', `Is a directory, not a file: /${path}`, { path })
