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

/** The code of an error of `node:fs`, `undefined` for any other error. */
export function classify(error: unknown): ErrorCode | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return 'syscall' in error ? (codes[error.code] ?? 'Unexpected') : codes[error.code]
}

const absences: ReadonlySet<ErrorCode | undefined> = new Set(['NotFound', 'AccessDenied'])

/** What `work` gives, or `undefined` where there is nothing, or nothing that we may see. Other errors pass. */
export function ifThere<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (absences.has(classify(error))) return undefined
    throw error
  }
}
