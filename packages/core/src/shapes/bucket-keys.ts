import type { DirectoryEntry, FileEntry } from '../contract.ts'
import { StorageError } from '../error.ts'
import { nameOfSegment, segmentOfName } from '../names/segment.ts'
import { baseName, joinPath, root, type StoragePath } from '../path.ts'
import type { BucketObject } from './bucket-source.ts'

/**
 * The key of a path. Names that only keys can have, such as the empty ones around `//`, have stand-ins in paths.
 * @throws StorageError `InvalidPath` on a name with a `/` in it: it would lead to another place than its path says.
 */
export function keyOf(path: StoragePath): string {
  if (path === root) return ''
  const names = path.split('/').map(nameOfSegment)
  if (names.some((name) => name.includes('/'))) {
    throw new StorageError('InvalidPath', `No name in ${JSON.stringify(path)} can hold a slash in this storage.`, {
      path,
    })
  }
  return names.join('/')
}

/** What the keys of everything below a directory begin with. */
export const prefixOf = (directory: StoragePath): string => (directory === root ? '' : `${keyOf(directory)}/`)

/** The path of a key that begins with the prefix of `directory`; the final `/` of a prefix or a marker is left out. */
export function pathBelow(directory: StoragePath, key: string): StoragePath {
  const rest = key.slice(prefixOf(directory).length)
  const names = (rest.endsWith('/') ? rest.slice(0, -1) : rest).split('/')
  return names.reduce<StoragePath>((path, name) => joinPath(path, segmentOfName(name)), directory)
}

export const isMarker = (key: string): boolean => key.endsWith('/')

export function fileAt(path: StoragePath, { facts }: BucketObject): FileEntry {
  return { ...facts, kind: 'file', path, name: baseName(path) }
}

export function directoryAt(path: StoragePath): DirectoryEntry {
  return { kind: 'directory', path, name: baseName(path) }
}
