import {
  type Entry,
  type ModeOptions,
  type ModifiedOptions,
  type Operation,
  type OwnerOptions,
  type StoragePath,
  throwIfAborted,
} from '@filegate/core'
import { closeSync, fchmodSync, fchownSync, fstatSync, futimesSync, openSync } from 'node:fs'
import { entryOf } from '../entry.ts'
import type { Changing } from './changing.ts'
import { fileTime } from './file-time.ts'

export const setModified = (changing: Changing, path: StoragePath, options: ModifiedOptions): Promise<Entry> =>
  onOpened(changing, path, options, (descriptor) => futimesSync(descriptor, new Date(), fileTime(options.modified)))

export const setMode = (changing: Changing, path: StoragePath, options: ModeOptions): Promise<Entry> =>
  onOpened(changing, path, options, (descriptor) => fchmodSync(descriptor, options.mode & 0o7777))

/** -1 leaves as it is. */
export const setOwner = (changing: Changing, path: StoragePath, options: OwnerOptions): Promise<Entry> =>
  onOpened(changing, path, options, (descriptor) => fchownSync(descriptor, options.uid ?? -1, options.gid ?? -1))

async function onOpened(
  { access, syncFile }: Changing,
  path: StoragePath,
  { signal }: Operation,
  change: (descriptor: number) => void,
): Promise<Entry> {
  throwIfAborted(signal)
  const opened = openAny(access, path)
  try {
    change(opened.descriptor)
    await syncFile(opened.descriptor)
    return entryOf(path, fstatSync(opened.descriptor))
  } finally {
    opened.close()
  }
}

/** A file or a folder, links followed as in reading. */
function openAny(access: Changing['access'], path: StoragePath): { descriptor: number; close(): void } {
  if (access.stat(path).kind === 'file') return access.openFile(path)
  const folder = access.pinDirectory(path)
  if (folder.descriptor !== undefined) return { descriptor: folder.descriptor, close: () => folder.close() }
  folder.close()
  const descriptor = openSync(folder.realPath, 'r')
  return { descriptor, close: () => closeSync(descriptor) }
}
