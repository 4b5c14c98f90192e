import { parentPath, requireMethods, root, statIfThere, StorageError, type StoragePath } from '@filegate/core'
import { problem } from '../http/problem.ts'
import { checkConditions } from './guard.ts'
import type { Operation } from './writing.ts'

/** MKCOL makes a folder in one that is there (RFC 4918, section 9.3). */
export const makeCollection: Operation = {
  features: ['upload'],
  right: 'write',
  follows: false,
  async run(writing) {
    const { place, signal, parts, incoming } = writing
    if (incoming.hasBody) {
      throw problem('InvalidArgument', { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' }, 'MKCOL takes no body.')
    }
    const storage = requireMethods(await writing.open(place.backend), 'makeDirectory')
    await checkConditions(writing, storage)
    const there = await statIfThere(storage, place.path, { signal, fresh: true })
    if (there) throw alreadyThere(place.path)
    const above = place.path === root ? undefined : await statIfThere(storage, parentPath(place.path), { signal })
    if (above?.kind !== 'directory') throw noParent(place.path)
    await storage.makeDirectory(place.path, { signal })
    return parts.reply(201, { 'cache-control': 'no-store' }, null)
  },
}

const alreadyThere = (path: StoragePath): StorageError =>
  problem(
    'AlreadyExists',
    { status: 405, code: 'ALREADY_EXISTS' },
    `There is something at /${path} already, so no folder can be made there.`,
  )

export const noParent = (path: StoragePath): StorageError =>
  new StorageError('Conflict', `The folder that /${path} would be in is not there. Make it first.`, { path })
