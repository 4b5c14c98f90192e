import { type LocalAccess, StorageError, type StoragePath } from '@filegate/core'
import { realpathSync } from 'node:fs'
import type { Access } from './access.ts'
import { isBelow, placeBelow } from './place.ts'

/** A directory that another program works in. */
export interface LentDirectory {
  /** For its working directory. On Linux no change of the tree makes it lead anywhere else until `close`. */
  readonly workingDirectory: string
  /** The path of where it stands, without any link on the way; `undefined` outside the root. */
  readonly place: StoragePath | undefined
  /** To be called once, when the program is in it. */
  readonly close: () => void
}

/** @throws StorageError when there is no such directory, or none that may be reached. */
export function lendDirectory(access: LocalAccess, path: StoragePath): LentDirectory {
  if (!isOurs(access)) throw new StorageError('Unsupported', 'Only folders of the local driver can be lent.')
  const directory = access.pinDirectory(path)
  const { pinnedPath, realPath } = directory
  try {
    const bytes = (): Buffer => realpathSync.native(pinnedPath, 'buffer')
    const place = isBelow(access.root, realPath) ? placeBelow(access.root, realPath, bytes) : undefined
    return { workingDirectory: pinnedPath, place, close: () => directory.close() }
  } catch (error) {
    directory.close()
    throw error
  }
}

const isOurs = (access: LocalAccess): access is Access => 'pinDirectory' in access
