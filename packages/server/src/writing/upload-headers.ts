import { StorageError } from '@filegate/core'
import { parseHttpDate } from '../http/date.ts'
import { problem } from '../http/problem.ts'

type HeaderReader = (name: string) => string | undefined

/**
 * Refuses what would store something else than the client means.
 * @throws StorageError with status 400 or 415
 */
export function checkWhole(header: HeaderReader): void {
  if (header('content-range') !== undefined) {
    // RFC 9110, section 14.5: taken for the whole file, a part would destroy it.
    throw new StorageError('InvalidArgument', 'A part of a file cannot be written: leave out the header Content-Range.')
  }
  const encoding = header('content-encoding')?.trim().toLowerCase()
  if (encoding === undefined || encoding === '' || encoding === 'identity') return
  const message = `The content encoding ${JSON.stringify(encoding)} is not undone here: send the bytes as they are to be stored.`
  throw problem('InvalidArgument', { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' }, message)
}

/** Bytes; undefined when the body comes in chunks. */
export function announcedSize(header: HeaderReader): number | undefined {
  const length = header('content-length')
  if (length === undefined) return undefined
  if (/^\d{1,15}$/.test(length)) return Number(length)
  throw new StorageError('InvalidArgument', 'The header Content-Length takes a number of bytes.')
}

/** What clients send that say nothing of the content: `curl --data-binary` means no form. */
const saysNothing: ReadonlySet<string> = new Set(['application/x-www-form-urlencoded', 'application/octet-stream'])

export function announcedType(header: HeaderReader): string | undefined {
  const type = header('content-type')?.trim()
  return type === undefined || type === '' || saysNothing.has(type.toLowerCase()) ? undefined : type
}

/** Milliseconds; the last moment that a Date can say. */
const farthest = 8.64e15

/**
 * The modification time that the file is to have, Unix milliseconds: `X-OC-Mtime` in Unix seconds, as ownCloud's clients and
 * rclone send it, or `Last-Modified`.
 * @throws StorageError `InvalidArgument` that names the header
 */
export function announcedTime(header: HeaderReader): number | undefined {
  const seconds = header('x-oc-mtime')?.trim()
  if (seconds !== undefined) {
    const time = /^-?\d{1,13}(?:\.\d{1,9})?$/.test(seconds) ? Number(seconds) * 1000 : Number.NaN
    if (Math.abs(time) <= farthest) return time
    throw new StorageError('InvalidArgument', 'The header X-OC-Mtime takes a time in Unix seconds.')
  }
  const date = header('last-modified')
  if (date === undefined) return undefined
  const time = parseHttpDate(date)
  if (time !== undefined) return time
  throw new StorageError('InvalidArgument', 'The header Last-Modified takes an HTTP date.')
}
