import { StorageError } from './error.ts'

declare const brand: unique symbol

/**
 * A path inside a storage: segments joined by `/`, no leading or trailing slash, `''` for the root. It holds no empty,
 * `.` or `..` segment and no NUL. It is never trimmed, lower-cased or Unicode-normalised: what a user typed is what a
 * driver sees. Every path a driver is given has been through `parsePath`; that makes this module the security boundary.
 */
export type StoragePath = string & { readonly [brand]: true }

/** The one place where a string becomes a StoragePath without being parsed. Callers have just proved the rules. */
function branded(text: string): StoragePath {
  return text as StoragePath
}

export const root: StoragePath = branded('')

function refuse(path: string, why: string): never {
  throw new StorageError('InvalidPath', `The path ${JSON.stringify(path)} ${why}.`, { path })
}

/**
 * Parses text that is already percent-decoded. Empty and `.` segments are dropped.
 * @throws StorageError `InvalidPath` on a `..` segment, a NUL or a lone surrogate.
 */
export function parsePath(text: string): StoragePath {
  const bare = text.startsWith('/') ? text.slice(1) : text
  if (plain.test(bare)) return branded(bare)
  if (text.includes('\0')) refuse(text, 'contains a NUL character')
  if (!text.isWellFormed()) refuse(text, 'is not valid Unicode')
  const segments = text.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.includes('..')) refuse(text, "contains a '..' segment, which could leave the served folder")
  return branded(segments.join('/'))
}

/** Most paths need no rewriting, apart from a slash at their start. A segment that begins with a dot has to be looked at. */
const plain = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/

/**
 * Parses the path of a URL as it stands on the request line, still percent-encoded. It is decoded exactly once.
 * @throws StorageError `InvalidPath` also on an escape that is malformed or not UTF-8.
 */
export function parseUrlPath(encoded: string): StoragePath {
  if (!encoded.includes('%')) return parsePath(encoded)
  let decoded: string
  try {
    decoded = decodeURIComponent(encoded)
  } catch (cause) {
    throw new StorageError('InvalidPath', `The path ${JSON.stringify(encoded)} has an invalid percent escape.`, {
      path: encoded,
      cause,
    })
  }
  return parsePath(decoded)
}

/** Percent-encodes a path for use in a URL; slashes stay. */
export function encodeUrlPath(path: StoragePath): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/**
 * The path of an entry called `name` in `directory`.
 * @throws StorageError `InvalidPath` when `name` is not one single plain segment.
 */
export function joinPath(directory: StoragePath, name: string): StoragePath {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    refuse(name, 'is not the name of a file or folder')
  }
  return branded(directory === '' ? name : `${directory}/${name}`)
}

/** The directory that holds `path`; the root is its own parent. */
export function parentPath(path: StoragePath): StoragePath {
  return branded(path.slice(0, Math.max(0, path.lastIndexOf('/'))))
}

/** The last segment; `''` for the root. */
export function baseName(path: StoragePath): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Whether `path` is `ancestor` itself or lies below it. */
export function isWithin(path: StoragePath, ancestor: StoragePath): boolean {
  return ancestor === '' || path === ancestor || path.startsWith(`${ancestor}/`)
}
