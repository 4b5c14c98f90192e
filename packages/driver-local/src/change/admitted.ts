import type { Entry } from '@filegate/core'
import { StorageError } from '@filegate/core/error'
import { baseName, joinPath, type StoragePath } from '@filegate/core/path'
import { realpathSync } from 'node:fs'
import type { Access } from '../access.ts'
import type { OpenedDirectory } from '../locator.ts'
import { isBelow, placeBelow } from '../place.ts'

/** A folder that leads to an admitted place may be opened, and yet nothing in it changed that lies outside that place. */
export function checkAdmitted(
  { root, admits }: Access,
  path: StoragePath,
  { realPath, pinnedPath }: OpenedDirectory,
  kind: Entry['kind'],
): void {
  if (!admits) return
  if (isBelow(root, realPath)) {
    const parent = placeBelow(root, realPath, () => realpathSync.native(pinnedPath, 'buffer'))
    if (admits(joinPath(parent, baseName(path)), kind)) return
  }
  throw new StorageError('AccessDenied', `Access to /${path} is forbidden.`, { path })
}
