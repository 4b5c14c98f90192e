import type { ShareFileClient } from '@azure/storage-file-share'
import {
  evaluateConditions,
  type FileEntry,
  isADirectory,
  joinPath,
  parentPath,
  releaseBody,
  root,
  StorageError,
  type StoragePath,
  throwIfAborted,
  type WriteOptions,
} from '@filegate/core'
import { type BodySource, bodySource, checkMd5 } from '@filegate/core/http-body'
import { cleanUp } from './clean-up.ts'
import { type Connection, fileAt, until } from './connection.ts'
import { withParents } from './directories.ts'
import { fileEntry } from './entries.ts'
import { codeOf, isMissing, isTaken } from './errors.ts'
import { repeated } from './repeated.ts'
import { findDirectory, findIfThere } from './stat.ts'
import { rangeSize, type Upload, uploadRanges, uploadWhole } from './upload.ts'
import { uploadName } from './upload-name.ts'

/**
 * Uploads beside the destination and puts the whole file in its place, so that the old content stays until the new one is
 * complete. The unfinished file of a write that fails is removed.
 */
export async function writeFile(connection: Connection, path: StoragePath, options: WriteOptions): Promise<FileEntry> {
  const { body, size, signal } = options
  const source = bodySource(body, { size, digests: true, signal })
  try {
    throwIfAborted(signal)
    if (path === root) throw isADirectory(path)
    await expectConditions(connection, path, options)
    return await written(connection, path, options, source)
  } finally {
    await source.release()
    // For a write that was refused before it took the body.
    await releaseBody(body)
  }
}

async function written(
  connection: Connection,
  path: StoragePath,
  options: WriteOptions,
  source: BodySource,
): Promise<FileEntry> {
  const { size, modified, contentType, hashes, signal } = options
  const first = await source.next(rangeSize(connection))
  const isWhole = await source.peek()
  if (isWhole) checkMd5(hashes?.md5, source.md5())
  // Where there is more to come, it should not all be sent in vain.
  else if (await findDirectory(connection, path, { signal })) throw isADirectory(path)
  const place = joinPath(parentPath(path), uploadName())
  const file = fileAt(connection, place)
  const placed: Upload['placed'] = (create) => withParents(connection, place, { signal }, create)
  const upload = { connection, file, placed, size, modified, contentType, signal }
  try {
    if (isWhole || !first) await uploadWhole(upload, first, source.md5())
    else await uploadRanges(upload, source, first)
    checkMd5(hashes?.md5, source.md5())
    await expectConditions(connection, path, options)
    const put = await putInPlace(connection, file, path, options)
    const md5 = Buffer.from(source.md5() ?? '', 'hex')
    return fileEntry(path, { ...put, contentLength: source.given, contentType, contentMD5: md5 })
  } catch (error) {
    await cleanUp(connection, file)
    throw error
  }
}

/** @throws StorageError `PreconditionFailed`, or `IsADirectory` */
async function expectConditions(
  connection: Connection,
  path: StoragePath,
  { conditions, signal }: WriteOptions,
): Promise<void> {
  if (!conditions) return
  const old = (await findIfThere(connection, path, { signal }))?.entry
  if (old?.kind === 'directory') throw isADirectory(path)
  if (evaluateConditions(conditions, old) !== 'proceed') throw conditionFailed(path)
}

const conditionFailed = (path: StoragePath): StorageError =>
  new StorageError('PreconditionFailed', `A condition on /${path} does not hold.`, { path })

/** In one step for everybody who reads. Where nothing may be there, the service makes sure of that. */
async function putInPlace(
  connection: Connection,
  file: ShareFileClient,
  path: StoragePath,
  { conditions, signal }: WriteOptions,
) {
  const isNew = conditions?.ifNoneMatch?.includes('*') === true
  const replacing = isNew ? {} : { replaceIfExists: true, ignoreReadOnly: true }
  try {
    const rename = () => file.rename(path, { ...replacing, ...until(signal) })
    const { fileRenameResponse } = await repeated(rename, { signal, mayRepeat: false })
    return fileRenameResponse
  } catch (error) {
    if (!isTaken(error) && !isMissing(error)) throw error
    if (await findDirectory(connection, path, { signal })) throw isADirectory(path)
    throw isNew && codeOf(error) === 'ResourceAlreadyExists' ? conditionFailed(path) : error
  }
}
