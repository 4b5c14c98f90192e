import { type LocalChanges, notFound, StorageError, type StoragePath } from '@filegate/core'
import { validators } from '../http/validators.ts'
import { checkNamesFile } from './put-file.ts'
import { receive, sizeOf } from './receive.ts'
import { parseUpdateRange, type UpdateRange } from './update-range.ts'
import type { Operation, Writing } from './writing.ts'

/** PATCH with X-Update-Range replaces bytes of a file that is there, or adds to its end. */
export const patchBytes: Operation = {
  features: ['upload'],
  right: 'write',
  async run(writing) {
    const { incoming, place, parts, changes, signal } = writing
    checkNamesFile(writing)
    if (!changes) throw new StorageError('Unsupported', 'Parts of files cannot be changed there.')
    const range = parseUpdateRange(incoming.header('x-update-range') ?? '')
    const storage = await writing.open(place.backend)
    const entry = await storage.stat(place.path, { signal })
    if (entry.kind === 'directory') throw notFound(place.path)
    const size = entry.size ?? 0
    checkInside(range, size, place.path)
    const written = await receive(writing, storage, {
      replaces: !('append' in range) && range.first < size,
      size: expectedSize(writing, range),
      store: storeIn(changes, place.path, range),
    })
    return parts.reply(204, { ...validators(written), 'cache-control': 'no-store' }, null)
  },
}

const storeIn =
  (changes: LocalChanges, path: StoragePath, range: UpdateRange): Parameters<typeof receive>[2]['store'] =>
  (options) =>
    'append' in range ? changes.append(path, options) : changes.writeRange(path, { ...options, start: range.first })

/** @throws StorageError `RangeNotSatisfiable` */
function checkInside(range: UpdateRange, size: number, path: StoragePath): void {
  if ('append' in range || (range.last === undefined ? range.first <= size : range.last < size)) return
  throw new StorageError('RangeNotSatisfiable', `The range must lie inside the ${size} bytes of /${path}.`, { path })
}

/** @throws StorageError `InvalidArgument` when the body is not as long as the range */
function expectedSize(writing: Writing, range: UpdateRange): number | undefined {
  const announced = sizeOf(writing)
  if ('append' in range || range.last === undefined) return announced
  const length = range.last - range.first + 1
  if (announced === undefined || announced === length) return length
  const message = `The range in X-Update-Range has ${length} bytes, but the body has ${announced}.`
  throw new StorageError('InvalidArgument', message)
}
