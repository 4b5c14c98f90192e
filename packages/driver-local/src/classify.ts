import { StorageError } from '@filegate/core'
import type { ErrorCode } from '@filegate/core'

/** What an `errno` of the file system means to a caller. A path that cannot exist is missing, not wrong. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'NotFound',
  ENOTDIR: 'NotFound',
  ELOOP: 'NotFound',
  ENAMETOOLONG: 'NotFound',
  ENXIO: 'NotFound',
  ENODEV: 'NotFound',
  EINVAL: 'NotFound',
  EILSEQ: 'NotFound',
  EISDIR: 'IsADirectory',
  EACCES: 'AccessDenied',
  EPERM: 'AccessDenied',
  EROFS: 'AccessDenied',
  EMFILE: 'Unavailable',
  ENFILE: 'Unavailable',
  ENOMEM: 'Unavailable',
  EAGAIN: 'Unavailable',
  EBUSY: 'Unavailable',
  EINTR: 'Unavailable',
  ETIMEDOUT: 'TimedOut',
  ESTALE: 'NotFound',
  ENOSPC: 'NoSpace',
  EDQUOT: 'NoSpace',
}

const messages: Readonly<Partial<Record<ErrorCode, string>>> = {
  NotFound: 'File or directory not found',
  IsADirectory: 'Is a directory, not a file',
  AccessDenied: 'The operating system refuses access to',
  Unavailable: 'The system is short of resources; try again soon',
  TimedOut: 'The file system did not answer in time',
  NoSpace: 'No space is left on the device',
}

/** The code of an error of `node:fs`, `undefined` for any other error. */
export function classify(error: unknown): ErrorCode | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return 'syscall' in error ? (codes[error.code] ?? 'Unexpected') : codes[error.code]
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
