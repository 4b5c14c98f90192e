import { notFound, StorageError } from '@filegate/core'

/** A container and what is addressed in it: a blob by its key, or the container itself by an empty key. */
export interface Place {
  readonly container: string
  readonly key: string
}

/** Strict only in what could lead to another place: what names there are decides the service. */
const allowed = /^(?:[a-z0-9](?:-?[a-z0-9]){1,62}|\$[a-z]+)$/

/** In a URL such a segment is a way to another place. */
const wayOut = /(?:^|\/)\.{1,2}(?:\/|$)/

/** @throws StorageError `NotFound` for a key that lies in no container */
export function placeOf(key: string): Place {
  const slash = key.indexOf('/')
  const container = slash === -1 ? '' : key.slice(0, slash)
  if (!allowed.test(container) || wayOut.test(key)) throw notFound(key)
  return { container, key: key.slice(slash + 1) }
}

/** A place to write to. @throws StorageError `InvalidPath` where there can be none */
export function placeToWrite(key: string): Place {
  if (!key.includes('/')) {
    throw new StorageError('InvalidPath', 'Files have to be in a container: give a path such as container/name.')
  }
  if (wayOut.test(key)) throw new StorageError('InvalidPath', 'No name in a container can be . or ..')
  try {
    return placeOf(key)
  } catch (cause) {
    const name = JSON.stringify(key.slice(0, key.indexOf('/')))
    const message = `No container can be named ${name}: names are 3 to 63 lower-case letters, digits and single dashes.`
    throw new StorageError('InvalidPath', message, { cause })
  }
}
