import { requireMethods, root, StorageError } from '@filegate/core'
import { json } from '../routes/administration.ts'
import { checkConditions } from './guard.ts'
import type { Operation } from './writing.ts'

/** POST ?mkdir makes a folder and those above it where they are missing. */
export const makeDirectory: Operation = {
  features: ['upload'],
  right: 'write',
  async run(writing) {
    const { place, signal, parts } = writing
    if (place.path === root) throw new StorageError('InvalidArgument', 'The root of a backend is always there.')
    const storage = requireMethods(await writing.open(place.backend), 'makeDirectory')
    await checkConditions(writing, storage)
    await storage.makeDirectory(place.path, { signal })
    return json(parts.reply, 201, { success: true, message: `The folder /${place.path} is there.` })
  },
}
