import { StorageError } from '@filegate/core/error'
import type { ErrorCode } from '@filegate/core'
import { asStorageError } from '../storage-error.ts'

/** What an `errno` means where something is changed, when that is not what it means in reading. */
const meanings: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  EROFS: ['AccessDenied', 'The file system is read-only'],
  EACCES: ['AccessDenied', 'The operating system does not let this server change'],
  EPERM: ['AccessDenied', 'The operating system does not let this server change'],
  ENOSPC: ['NoSpace', 'No space is left on the device for'],
  EDQUOT: ['NoSpace', 'The disk quota is used up, so there is no room for'],
  EMLINK: ['NoSpace', 'The folder can hold no more for'],
  EFBIG: ['TooLarge', 'The file system takes no file as large as'],
  ENAMETOOLONG: ['InvalidPath', 'The file system takes no name or path as long as'],
  EINVAL: ['InvalidPath', 'The file system takes no such name as'],
  EILSEQ: ['InvalidPath', 'The file system takes no such name as'],
  ENOTDIR: ['NotADirectory', 'A file stands where a folder would have to be for'],
  EEXIST: ['AlreadyExists', 'There is something already at'],
  ENOTEMPTY: ['Conflict', 'Something came into the way of'],
  EBUSY: ['Conflict', 'The operating system is using'],
  ETXTBSY: ['Conflict', 'A program is running from'],
}

/** The `code` of an error of the operating system. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** `error` as the StorageError that callers of a change are promised. */
export function asChangeError(error: unknown, operation: string, path: string): StorageError {
  const [code, message] = (StorageError.is(error) ? undefined : meanings[errnoOf(error) ?? '']) ?? []
  if (code === undefined) return asStorageError(error, operation, path)
  return new StorageError(code, `${message}: /${path}`, { provider: 'local', operation, path, cause: error })
}
