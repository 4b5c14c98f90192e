import { baseName, type FileEntry, requireMethods, root, type StorageDriver, StorageError } from '@filegate/core'
import { typeOfName } from '../http/content-type.ts'
import { validators } from '../http/validators.ts'
import { jsonType } from '../errors.ts'
import { announcedDigests, type AnnouncedDigest } from './digest-headers.ts'
import { guardWrite } from './guard.ts'
import { receiveBody } from './received-body.ts'
import { announcedSize, announcedTime, announcedType, checkWhole } from './upload-headers.ts'
import type { Operation, Writing } from './writing.ts'

/** PUT stores the body as a file, whatever was there before. It streams; the old content stays until all has come. */
export const putFile: Operation = {
  features: ['upload'],
  right: 'write',
  async run(writing) {
    const { incoming, place, trailingSlash, parts, signal } = writing
    const { header } = incoming
    if (place.path === root || trailingSlash) {
      throw new StorageError(
        'InvalidArgument',
        'A file needs a name, without a slash at the end. POST ?mkdir makes folders.',
      )
    }
    checkWhole(header)
    const modified = announcedTime(header)
    const digests = announcedDigests(header)
    const size = incoming.request.body === null ? 0 : announcedSize(header)
    const storage = requireMethods(await writing.open(place.backend), 'write')
    const guard = await guardWrite(writing, storage)
    const { beforeEnd, conditions } = guard
    const most = parts.settings.maxBodySize
    const received = receiveBody(incoming.request.body, { size, most, digests, beforeEnd, signal })
    try {
      const { body } = received
      const contentType = announcedType(header) ?? typeOfName(baseName(place.path))
      const options = { body, size, modified, contentType, hashes: knownHashes(digests), conditions, signal }
      return stored(writing, storage, await storage.write(place.path, options))
    } catch (error) {
      throw received.failure() ?? guard.explained(error)
    } finally {
      guard.release()
    }
  },
}

/** The answer for a file that was written. */
export function stored({ parts, incoming, place }: Writing, { traits }: StorageDriver, entry: FileEntry): Response {
  const keepsTime = incoming.header('x-oc-mtime') !== undefined && traits.modifiedPrecision !== undefined
  const headers = {
    ...validators(entry),
    'cache-control': 'no-store',
    'content-type': jsonType,
    ...(keepsTime && { 'x-oc-mtime': 'accepted' }),
  }
  const path = `/${place.path}`
  const facts = { success: true, message: `The file ${path} was stored.`, path, size: entry.size ?? null }
  return parts.reply(201, headers, JSON.stringify(facts))
}

function knownHashes(digests: readonly AnnouncedDigest[]): FileEntry['hashes'] {
  const known = digests.flatMap(({ algorithm, hex }) => (algorithm === 'sha512' ? [] : [[algorithm, hex]]))
  return known.length === 0 ? undefined : Object.fromEntries(known)
}
