import { StorageError } from '@filegate/core'
import { jsonType } from '../errors.ts'
import { validators } from '../http/validators.ts'
import { applyAttributes, askedAttributes } from './attributes.ts'
import { checkNamesFile } from './put-file.ts'
import { receive } from './receive.ts'
import type { Operation } from './writing.ts'

/** PUT ?append adds the body to the end of a file, or makes it. */
export const append: Operation = {
  features: ['upload'],
  right: 'write',
  async run(writing) {
    const { place, parts, changes } = writing
    checkNamesFile(writing)
    const attributes = askedAttributes(writing)
    if (!changes) throw new StorageError('Unsupported', 'Nothing can be added to a file there.')
    const storage = await writing.open(place.backend)
    const received = await receive(writing, storage, {
      replaces: false,
      store: (options) => changes.append(place.path, options),
    })
    const entry = await applyAttributes(writing, received, attributes)
    const facts = { success: true, path: `/${place.path}`, new_size: entry.size ?? null }
    const headers = { ...validators(entry), 'cache-control': 'no-store', 'content-type': jsonType }
    return parts.reply(200, headers, JSON.stringify(facts))
  },
}
