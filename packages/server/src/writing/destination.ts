import { canonicalPath, parsePath, root, StorageError } from '@filegate/core'
import { type Place, served, type Writing } from './writing.ts'

const form = /^(?:([\w-]+):)?(\/.*)$/s

/**
 * The place that `/path`, on the same backend, or `ID:/path` means; `local:/path` is in the served folder.
 * @throws StorageError `InvalidArgument` that names the parameter, `InvalidPath`
 */
export function parseDestination({ place, placeAt }: Writing, parameter: string, text: string): Place {
  const [, backend = place.backend, written] = form.exec(text) ?? []
  const parsed = written === undefined ? root : parsePath(written)
  const path = backend === served ? parsed : canonicalPath(parsed)
  if (path === root) {
    const message = `'${parameter}' takes a path such as /new/place.txt, or ID:/new/place.txt on another backend, not ${JSON.stringify(text)}.`
    throw new StorageError('InvalidArgument', message)
  }
  return placeAt(backend, path, false)
}
