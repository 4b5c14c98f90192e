import { isWithin, joinPath, type LocalAccess, StorageError, type StoragePath } from '@filegate/core'
import { lstatSync, realpathSync } from 'node:fs'
import type { Access } from './access.ts'
import type { EntryKind } from './folder-text.ts'
import type { OpenedDirectory } from './locator.ts'
import { isBelow, placeBelow } from './place.ts'
import { keepsChangeTimes } from './plain-paths.ts'
import type { TreeTask } from './tree-reader.ts'

/** A tree of the local disk that is to be walked. */
export interface Tree {
  /** For `treeReader`, in whatever thread. */
  readonly task: TreeTask
  /** Of what stands below the start, whether it may be reported. Absent where everything may. */
  readonly reports: ((path: StoragePath, kind: EntryKind) => boolean) | undefined
}

/** @throws StorageError when `start` is no directory, or none that may be reached. */
export function openTree(access: LocalAccess, start: StoragePath): Tree {
  if (!isOurs(access)) throw new StorageError('Unsupported', 'Only folders of the local driver can be walked.')
  const { root, followsSymlinks, within } = access
  const directory = access.pinDirectory(start)
  const reports = reporting(access, start, directory)
  directory.close()
  const { realPath } = directory
  // A real path that is not UTF-8 cannot be taken apart; the way there is walked as it was asked for.
  const isText = !realPath.includes('\uFFFD')
  const isProvable = keepsChangeTimes(root)
  const proof = followsSymlinks && !within ? 'needless' : isText && isProvable ? 'possible' : 'impossible'
  const device = isProvable ? lstatSync(root).dev : undefined
  const disk = isText ? realPath : access.disk(start)
  return { task: { root, followsSymlinks, within, path: start, disk, proof, device }, reports }
}

/** A walk enters no link, so below its start everything stands where its path says, counted from the place of the start. */
function reporting({ root, within, admits }: Access, start: StoragePath, { realPath, pinnedPath }: OpenedDirectory) {
  if (!admits || !isBelow(root, realPath)) return undefined
  const place = placeBelow(root, realPath, () => realpathSync.native(pinnedPath, 'buffer'))
  if (within?.some((open) => isWithin(place, open))) return undefined
  const above = start === '' ? 0 : start.length + 1
  return (path: StoragePath, kind: EntryKind): boolean =>
    admits(path.slice(above).split('/').reduce(joinPath, place), kind === 'directory' ? kind : 'file')
}

const isOurs = (access: LocalAccess): access is Access => 'pinDirectory' in access
