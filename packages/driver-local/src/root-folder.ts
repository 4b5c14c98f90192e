import { StorageError } from '@filegate/core/error'
import { realpathSync, statSync } from 'node:fs'
import { sep } from 'node:path'
import { holdsTemporaryName, holdsTemporaryNameBesidesTrash } from './change/temporary-name.ts'
import { bytesFromPath, needsBytes } from './disk-name.ts'

/** The served folder, by its real path. */
export interface RootFolder {
  /** Absolute, without symbolic links. */
  readonly path: string
  /** Where `path` would be on disk, links unresolved; `undefined` when no file can have this name. */
  locate(path: string): string | Buffer | undefined
  /** Whether nobody is shown what may be there. */
  isReserved(path: string): boolean
}

/** On Windows these would name another file, a stream of a file or a device, or leave the folder. */
const treacherousOnWindows = /[\\:*?"<>|]|[. ](?:\/|$)|(?:^|\/)(?:con|prn|aux|nul|com\d|lpt\d)(?:[./]|$)/i

/** @throws StorageError when there is no such folder. */
export function openRootFolder(folder: string, reachesTrash = false): RootFolder {
  const isReserved = reachesTrash ? holdsTemporaryNameBesidesTrash : holdsTemporaryName
  const path = realPathOf(folder)
  const prefix = path.endsWith(sep) ? path : path + sep
  return {
    path,
    isReserved,
    locate(inner) {
      if (inner === '') return path
      if (isReserved(inner)) return undefined
      if (process.platform === 'win32' && treacherousOnWindows.test(inner)) return undefined
      if (!needsBytes(inner)) return prefix + inner
      const bytes = bytesFromPath(inner)
      return bytes && Buffer.concat([Buffer.from(prefix), bytes])
    },
  }
}

function realPathOf(folder: string): string {
  try {
    const path = realpathSync.native(folder)
    if (statSync(path).isDirectory()) return path
  } catch (cause) {
    throw new StorageError('NotFound', `The folder to serve does not exist or cannot be opened: ${folder}`, { cause })
  }
  throw new StorageError('NotADirectory', `This is a file, not a folder to serve: ${folder}`)
}
