import { root, StorageError, statIfThere } from '@filegate/core'
import { json } from '../routes/administration.ts'
import type { Operation } from '../writing/writing.ts'

/** POST ?restore brings back what was deleted at a path: what went last, or ?restore=ID of the trash. */
export const restore: Operation = {
  features: ['upload'],
  right: 'write-all',
  async run(writing) {
    const { place, query, trash, signal, parts } = writing
    const { path } = place
    if (path === root) throw new StorageError('InvalidArgument', 'The root cannot have been deleted.')
    if (!trash) throw new StorageError('Unsupported', 'Nothing that is deleted there can be brought back.')
    const storage = await writing.open(place.backend)
    if (await statIfThere(storage, path, { signal, fresh: true })) {
      const message = `Something stands at /${path}. Move it away first; what was deleted stays where it is.`
      throw new StorageError('AlreadyExists', message, { path })
    }
    const {
      from,
      id,
      missing = [],
    } = await trash.restore(place.real?.path ?? path, query.text('restore') || undefined, signal)
    return json(parts.reply, 201, {
      success: true,
      message: `/${path} is back.`,
      path: `/${path}`,
      from,
      ...(id !== undefined && { id }),
      ...(missing.length > 0 && { missing: missing.map((path) => `/${path}`) }),
    })
  },
}
