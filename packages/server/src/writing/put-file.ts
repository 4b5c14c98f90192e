import { baseName, type FileEntry, requireMethods, root, type StorageDriver, StorageError } from '@filegate/core'
import { jsonType } from '../errors.ts'
import { typeOfName } from '../http/content-type.ts'
import { validators } from '../http/validators.ts'
import { applyAttributes, askedAttributes, type Attributes } from './attributes.ts'
import { receive } from './receive.ts'
import { announcedType } from './upload-headers.ts'
import type { Operation, Writing } from './writing.ts'

/** PUT stores the body as a file, whatever was there before. It streams; the old content stays until all has come. */
export const putFile: Operation = {
  features: ['upload'],
  right: 'write',
  async run(writing) {
    const { incoming, place, changes } = writing
    checkNamesFile(writing)
    const attributes = askedAttributes(writing)
    const storage = requireMethods(await writing.open(place.backend), 'write')
    const entry = await receive(writing, storage, {
      store(options) {
        // A disk keeps no types.
        if (changes) return changes.write(place.path, options)
        const contentType = announcedType(incoming.header) ?? typeOfName(baseName(place.path))
        return storage.write(place.path, { ...options, contentType })
      },
    })
    return stored(writing, storage, await applyAttributes(writing, entry, attributes), attributes)
  },
}

/** @throws StorageError `InvalidArgument` */
export function checkNamesFile({ place, trailingSlash }: Writing): void {
  if (place.path !== root && !trailingSlash) return
  throw new StorageError(
    'InvalidArgument',
    'A file needs a name, without a slash at the end. POST ?mkdir, or MKCOL, makes folders.',
  )
}

/** The answer for a file that was written. */
export function stored(
  { parts, incoming, place, surface }: Writing,
  { traits }: StorageDriver,
  entry: FileEntry,
  { mode }: Attributes = {},
): Response {
  const keepsTime = incoming.header('x-oc-mtime') !== undefined && traits.modifiedPrecision !== undefined
  const headers = {
    ...validators(entry),
    'cache-control': 'no-store',
    ...(keepsTime && { 'x-oc-mtime': 'accepted' }),
  }
  if (surface === 'basic') return parts.reply(201, headers, null)
  const path = `/${place.path}`
  const facts = { success: true, message: `The file ${path} was stored.`, path, size: entry.size ?? null }
  const all = mode === undefined ? facts : { ...facts, mode: shownMode(mode) }
  return parts.reply(201, { ...headers, 'content-type': jsonType }, JSON.stringify(all))
}

export const shownMode = (mode: number): string => mode.toString(8).padStart(4, '0')
