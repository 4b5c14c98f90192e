import {
  type Entry,
  type HashOptions,
  isADirectory,
  type LinkOptions,
  type ModifiedOptions,
  notFound,
  type Operation,
  root,
  StorageError,
  type StoragePath,
  type Usage,
} from '@filegate/core'
import { hexOf } from '../http/answer.ts'
import { type Connection, directoryAt, fileAt, until } from './connection.ts'
import { isMissing } from './errors.ts'
import { findDirectory, statPath } from './stat.ts'

const gibibyte = 1024 ** 3

/** The MD5 that was stored with a file; the service makes none. @throws StorageError `Unsupported` where there is none */
export async function hashOf(connection: Connection, path: StoragePath, options: HashOptions): Promise<string> {
  const { algorithm, signal } = options
  const md5 = hexOf((await propertiesOf(connection, path, { signal })).contentMD5)
  if (algorithm === 'md5' && md5 !== undefined) return md5
  throw new StorageError('Unsupported', `Azure Files has no ${algorithm} of /${path}.`, { path })
}

/** @throws StorageError `NotFound` or `IsADirectory` */
async function propertiesOf(connection: Connection, path: StoragePath, { signal }: Operation) {
  if (path === root) throw isADirectory(path)
  try {
    return await fileAt(connection, path).getProperties(until(signal))
  } catch (error) {
    if (!isMissing(error)) throw error
    throw (await findDirectory(connection, path, { signal })) ? isADirectory(path) : notFound(path)
  }
}

export async function setModified(
  connection: Connection,
  path: StoragePath,
  { modified, signal }: ModifiedOptions,
): Promise<Entry> {
  const lastWriteTime = new Date(modified)
  const entry = await statPath(connection, path, { signal })
  if (entry.kind === 'directory') {
    await directoryAt(connection, path).setProperties({ lastWriteTime, ...until(signal) })
    return { ...entry, modified: lastWriteTime.getTime() }
  }
  const known = await propertiesOf(connection, path, { signal })
  // Headers that are not named again would be gone.
  const headers = {
    ...(known.cacheControl !== undefined && { fileCacheControl: known.cacheControl }),
    ...(known.contentDisposition !== undefined && { fileContentDisposition: known.contentDisposition }),
    ...(known.contentEncoding !== undefined && { fileContentEncoding: known.contentEncoding }),
    ...(known.contentLanguage !== undefined && { fileContentLanguage: known.contentLanguage }),
    ...(known.contentMD5 !== undefined && { fileContentMD5: known.contentMD5 }),
    ...(known.contentType !== undefined && { fileContentType: known.contentType }),
  }
  await fileAt(connection, path).setHttpHeaders(headers, { lastWriteTime, ...until(signal) })
  return statPath(connection, path, { signal })
}

/** Of the whole share. */
export async function usageOf({ vendor: { share } }: Connection, { signal }: Operation = {}): Promise<Usage> {
  const [{ shareUsageBytes: used }, { quota }] = await Promise.all([
    share.getStatistics(until(signal)),
    share.getProperties(until(signal)),
  ])
  if (quota === undefined) return { used }
  const total = quota * gibibyte
  return { total, used, free: Math.max(0, total - used) }
}

/** Seconds. */
const week = 604_800
const longest = 100 * 366 * 86_400

export async function publicLinkOf(
  connection: Connection,
  path: StoragePath,
  { expiresIn = week, signal }: LinkOptions = {},
): Promise<string> {
  if (expiresIn < 1 || expiresIn > longest) {
    throw new StorageError('InvalidArgument', `A link can last from 1 to ${longest} seconds.`)
  }
  await propertiesOf(connection, path, { signal })
  const expiresOn = new Date(Date.now() + expiresIn * 1000)
  return fileAt(connection, path).generateSasUrl({ permissions: connection.vendor.readPermission(), expiresOn })
}
