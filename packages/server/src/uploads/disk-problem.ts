import { type ErrorCode, StorageError } from '@filegate/core'

const meanings: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOSPC: ['NoSpace', 'No space is left on the device for this upload.'],
  EDQUOT: ['NoSpace', 'The disk quota is used up, so there is no room for this upload.'],
  EFBIG: ['TooLarge', 'The file system takes no file as large as this upload.'],
  EROFS: ['AccessDenied', 'The file system is read-only.'],
  EACCES: ['AccessDenied', 'The operating system does not let this server keep uploads.'],
}

/** What a failure of the disk means for whoever uploads; anything else stays as it is. */
export function asDiskProblem(error: unknown): unknown {
  if (StorageError.is(error) || !(error instanceof Error) || !('code' in error)) return error
  const [code, message] = meanings[String(error.code)] ?? []
  return code === undefined ? error : new StorageError(code, message ?? '', { cause: error })
}
