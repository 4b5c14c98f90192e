import { type Entry, parsePath, StorageError, walk } from '@filegate/core'
import type { Place, Writing } from './writing.ts'

/**
 * What `--hidden` withholds by its path must not come into sight by being moved. A copy takes along only what the caller is shown.
 * @returns whether the caller is shown everything
 * @throws StorageError `AccessDenied`
 */
export async function checkStaysHidden(
  { place, parts, signal }: Writing,
  entry: Entry,
  to: Place,
  kind: 'copy' | 'move',
): Promise<boolean> {
  const { scope, real } = place
  if (!real || entry.kind === 'file' || scope.unrestricted || scope.unrestrictedBelow(place.path)) return true
  if (kind === 'copy') return false
  for await (const { path, kind: sort } of walk(parts.storage, place.path, { signal })) {
    const there = parsePath(`${to.path}/${path.slice(place.path.length)}`)
    if (!scope.shows(path, sort) && to.scope.shows(there, sort)) throw wouldShow(place)
  }
  return true
}

const wouldShow = ({ path }: Place): StorageError =>
  new StorageError('AccessDenied', `/${path} holds names that are hidden where they are (--hidden), so it stays.`)
