import { StorageError } from '@filegate/core/error'
import type { ErrorCode } from '@filegate/core'
import { classify } from './errno.ts'

const messages: Readonly<Partial<Record<ErrorCode, string>>> = {
  NotFound: 'File or directory not found',
  IsADirectory: 'Is a directory, not a file',
  AccessDenied: 'The operating system refuses access to',
  Unavailable: 'The system is short of resources; try again soon',
  TimedOut: 'The file system did not answer in time',
  NoSpace: 'No space is left on the device',
}

/** `error` as the StorageError that callers are promised. The message names the path below the root, never the real one. */
export function asStorageError(error: unknown, operation: string, path: string): StorageError {
  const context = { provider: 'local', operation, path }
  if (StorageError.is(error)) return error.with(context)
  const code = classify(error) ?? 'Unexpected'
  return new StorageError(code, `${messages[code] ?? 'The file system failed on'}: /${path}`, {
    ...context,
    cause: error,
  })
}
