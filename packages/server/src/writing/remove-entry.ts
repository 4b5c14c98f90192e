import { requireMethods, root, StorageError } from '@filegate/core'
import { checkConditions } from './guard.ts'
import type { Operation } from './writing.ts'

/** DELETE removes a file, or a folder with all it holds; in the served folder it goes to the trash where there is one, unless `permanent` is asked. */
export const removeEntry: Operation = {
  features: ['delete'],
  right: 'write-all',
  async run(writing) {
    const { place, query, signal, parts, trash, changes } = writing
    if (place.path === root)
      throw new StorageError('InvalidArgument', 'The root cannot be deleted, only what is in it.')
    const isForGood = query.flag('permanent')
    if (isForGood && !changes) {
      throw new StorageError('InvalidArgument', "Parameter 'permanent' is about the trash of the served folder only.")
    }
    const storage = requireMethods(await writing.open(place.backend), 'remove')
    await checkConditions(writing, storage)
    if (trash?.discard && !isForGood) await trash.discard(place.real?.path ?? place.path, place.scope.user)
    else await storage.remove(place.path, { signal })
    return parts.reply(204, { 'cache-control': 'no-store' }, null)
  },
}
