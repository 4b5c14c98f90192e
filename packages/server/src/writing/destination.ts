import { canonicalPath, parsePath, root, StorageError } from '@filegate/core'
import type { Place, Writing } from './writing.ts'

const form = /^(?:([\w-]+):)?(\/.*)$/s

/**
 * The place that `/path`, on the same backend, or `ID:/path` means.
 * @throws StorageError `InvalidArgument` that names the parameter, `InvalidPath`
 */
export function parseDestination({ place, scopeOn }: Writing, parameter: string, text: string): Place {
  const [, backend = place.backend, written] = form.exec(text) ?? []
  const path = written === undefined ? root : canonicalPath(parsePath(written))
  if (path === root) {
    const message = `'${parameter}' takes a path such as /new/place.txt, or ID:/new/place.txt on another backend, not ${JSON.stringify(text)}.`
    throw new StorageError('InvalidArgument', message)
  }
  return { backend, path, scope: scopeOn(backend) }
}
