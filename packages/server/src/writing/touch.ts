import {
  isADirectory,
  requireMethods,
  root,
  statIfThere,
  type StorageDriver,
  StorageError,
  streamBytes,
} from '@filegate/core'
import { typeOfName } from '../http/content-type.ts'
import { checkConditions } from './guard.ts'
import { stored } from './put-file.ts'
import { announcedTime } from './upload-headers.ts'
import type { Operation, Writing } from './writing.ts'

/** PUT ?touch sets the modification time of a file, to now or as the headers say, and makes an empty one where none is. */
export const touch: Operation = {
  features: ['upload'],
  right: 'write',
  async run(writing) {
    const { incoming, place, signal, trailingSlash, parts } = writing
    if (place.path === root || trailingSlash) throw isADirectory(place.path)
    const modified = announcedTime(incoming.header) ?? Date.now()
    const storage = await writing.open(place.backend)
    await checkConditions(writing, storage)
    const old = await statIfThere(storage, place.path, { signal, fresh: true })
    if (old?.kind === 'directory') throw isADirectory(place.path)
    if (!old) return makeEmpty(writing, storage, modified)
    await requireMethods(storage, 'setModified').setModified(place.path, { modified, signal })
    return parts.reply(204, { 'cache-control': 'no-store' }, null)
  },
}

/** Never replaces a file that somebody else makes at the same moment, where the backend can see to that. */
async function makeEmpty(writing: Writing, storage: StorageDriver, modified: number): Promise<Response> {
  const { place, signal } = writing
  const conditions = storage.traits.conditions.includes('ifNoneMatch') ? { ifNoneMatch: ['*'] } : undefined
  const body = streamBytes(new Uint8Array())
  const contentType = typeOfName(place.path)
  try {
    const options = { body, size: 0, modified, contentType, conditions, signal }
    return stored(writing, storage, await requireMethods(storage, 'write').write(place.path, options))
  } catch (error) {
    if (!StorageError.is(error, 'PreconditionFailed')) throw error
    throw new StorageError('Conflict', `Somebody else made /${place.path} meanwhile.`, { path: place.path })
  }
}
