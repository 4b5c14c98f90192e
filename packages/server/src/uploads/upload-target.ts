import { baseName, canonicalPath, joinPath, parsePath, root, StorageError, type StoragePath } from '@filegate/core'
import { isTemporaryName } from '@filegate/driver-local'
import { calendarTime } from '../http/calendar-time.ts'
import { served } from '../writing/writing.ts'
import { metadataText, type UploadMetadata } from './upload-metadata.ts'

/** Where a finished upload goes, and what the file is to have besides its bytes. */
export interface UploadTarget {
  /** `local` is the served folder. */
  readonly backend: string
  readonly path: StoragePath
  /** Unix milliseconds. */
  readonly modified?: number | undefined
  readonly contentType?: string | undefined
}

/** Bytes. The file systems there are take no longer names. */
const longestName = 255

/**
 * `path`, or `filename` with or without `directory`; `backend`, `mtime` and `filetype` where they are given. Undefined when nothing says
 * where.
 * @throws StorageError `InvalidArgument` or `InvalidPath`
 */
export function targetOf(metadata: UploadMetadata): UploadTarget | undefined {
  const path = pathOf(metadata)
  if (path === undefined) return undefined
  const backend = metadataText(metadata, 'backend') ?? served
  const modified = timeOf(metadataText(metadata, 'mtime'))
  const contentType = typeOf(metadataText(metadata, 'filetype'))
  if (backend !== served) return { backend, path: canonicalPath(path), modified, contentType }
  for (const name of path.split('/')) {
    if (Buffer.byteLength(name) <= longestName && !isTemporaryName(name)) continue
    throw new StorageError('InvalidPath', `No file can have this name here: /${path}`, { path })
  }
  return { backend, path, modified, contentType }
}

function pathOf(metadata: UploadMetadata): StoragePath | undefined {
  const whole = metadataText(metadata, 'path')
  const name = metadataText(metadata, 'filename')
  const directory = metadataText(metadata, 'directory')
  if (whole === undefined && name === undefined) return undefined
  if (whole !== undefined && directory !== undefined) {
    throw new StorageError('InvalidArgument', "In Upload-Metadata 'directory' goes with 'filename', not with 'path'.")
  }
  const path = whole === undefined ? joinPath(parsePath(directory ?? ''), name ?? '') : parsePath(whole)
  if (path !== root && baseName(path) !== '' && !whole?.endsWith('/')) return parsePath(path)
  throw new StorageError('InvalidArgument', 'A file needs a name, without a slash at the end.')
}

/** As RFC 3339 has it, in whole or in parts; a date without an offset would be a different time on each machine. */
const dateForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i
/** Milliseconds; the last moment that a Date can say. */
const farthest = 8.64e15

/** Unix seconds as in `X-OC-Mtime`, or a date as in RFC 3339. @returns Unix milliseconds */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = /^-?\d{1,13}(?:\.\d{1,9})?$/.test(text)
    ? Number(text) * 1000
    : dateForm.test(text)
      ? calendarTime(text)
      : Number.NaN
  if (Math.abs(time) <= farthest) return time
  const message = "In Upload-Metadata 'mtime' takes Unix seconds, or a date such as 2026-01-31T12:00:00Z."
  throw new StorageError('InvalidArgument', message)
}

const typeForm = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?:; ?[\w.+-]+=(?:[\w.+-]+|"[\w .+-]*"))*$/

/** What is no media type is left out: browsers give an empty or odd one for what they do not know. */
const typeOf = (text: string | undefined): string | undefined =>
  text !== undefined && typeForm.test(text) ? text : undefined
