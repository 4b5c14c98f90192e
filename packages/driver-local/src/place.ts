// Not from the index: threads that read folders start in a moment because they load little.
import { parsePath, root as top, type StoragePath } from '@filegate/core/path'
import { sep } from 'node:path'
import { nameFromBytes, nameFromText } from './disk-name.ts'

const prefixOf = (root: string): string => (root.endsWith(sep) ? root : root + sep)

/** Whether `realPath` is `root` or lies in it; both are real paths. */
export const isBelow = (root: string, realPath: string): boolean =>
  realPath === root || realPath.startsWith(prefixOf(root))

/**
 * The path, in our names, of a real path that is below `root`. `bytes` gives the same real path as it is on disk, which
 * is asked for when it is not UTF-8.
 */
export function placeBelow(root: string, realPath: string, bytes: () => Buffer): StoragePath {
  if (realPath === root) return top
  const prefix = prefixOf(root)
  const below = realPath.slice(prefix.length)
  return parsePath(
    below.includes('\uFFFD')
      ? namesFromBytes(bytes().subarray(Buffer.byteLength(prefix)))
      : below.split(sep).map(nameFromText).join('/'),
  )
}

/** A byte is one character of Latin-1, so this takes the names apart before they are read. */
function namesFromBytes(path: Buffer): string {
  const names = path.toString('latin1').split('/')
  return names.map((name) => nameFromBytes(Buffer.from(name, 'latin1'))).join('/')
}
