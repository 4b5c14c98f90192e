import { type CopyOptions, type Entry, isWithin, StorageError, type StoragePath, throwIfAborted } from '@filegate/core'
import { isDirectory } from '../facts.ts'
import type { OpenedDirectory } from '../locator.ts'
import { isBelow } from '../place.ts'
import type { Changing } from './changing.ts'
import { copyFileTo } from './copy-content.ts'
import { copyTree } from './copy-tree.ts'
import { topFolder } from './folder-below.ts'
import { bytesOfPath } from './path-bytes.ts'
import { removeAny } from './remove-any.ts'
import { alreadyThere } from './replace.ts'
import { swapIn } from './swap-in.ts'
import { checkReplaceable, openNewEntry, type Target } from './target.ts'
import { temporaryName } from './temporary-name.ts'

/** Copies what a path leads to. It is complete under a temporary name before it takes its place. */
export async function copy(changing: Changing, path: StoragePath, options: CopyOptions): Promise<Entry> {
  const { destination, signal } = options
  throwIfAborted(signal)
  checkApart(path, destination)
  changing.access.stat(path)
  const target = await openDestination(changing, options)
  try {
    await copyInto(changing, path, target, signal)
  } catch (error) {
    target.close()
    target.undo()
    throw error
  } finally {
    target.close()
  }
  return changing.access.stat(destination)
}

/** @throws StorageError `AlreadyExists` where something is that is not to be replaced */
export async function openDestination(changing: Changing, { destination, overwrite }: CopyOptions): Promise<Target> {
  const target = await openNewEntry(changing, destination)
  try {
    checkReplaceable(changing, target)
    if (target.old && !overwrite) throw alreadyThere(destination)
    return target
  } catch (error) {
    target.close()
    throw error
  }
}

/** @throws StorageError `InvalidArgument` when one of the paths lies in the other */
export function checkApart(path: StoragePath, destination: StoragePath): void {
  if (isWithin(destination, path) || isWithin(path, destination)) throw entangled(path, destination)
}

export const entangled = (path: StoragePath, destination: StoragePath): StorageError =>
  new StorageError('InvalidArgument', `/${path} cannot be put at /${destination}: one of them contains the other.`, {
    path,
  })

/** Copies what the path leads to and puts it where the target is. */
export async function copyInto(
  changing: Changing,
  path: StoragePath,
  target: Target,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { kind } = changing.access.stat(path)
  await (kind === 'directory' ? copyFolder : copyOneFile)(changing, path, target, signal)
}

async function copyOneFile(
  changing: Changing,
  path: StoragePath,
  target: Target,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { pinned } = target.folder
  await underTemporaryName(changing, target, false, (name) =>
    copyFileTo(changing, changing.access.openFile(path), { place: target.beside(name), pinned, signal }),
  )
}

async function copyFolder(
  changing: Changing,
  path: StoragePath,
  target: Target,
  signal: AbortSignal | undefined,
): Promise<void> {
  const from = changing.access.pinDirectory(path)
  try {
    checkOutside(from, target)
    const parent = topFolder(target.folder)
    const { mode } = from.stats
    await underTemporaryName(changing, target, true, (name) =>
      copyTree(changing, topFolder(from), { parent, name, mode }, signal),
    )
  } finally {
    from.close()
  }
}

/** By way of a link one may lie in the other although their paths do not. */
function checkOutside(from: OpenedDirectory, { path, folder, old }: Target): void {
  const isAbove = old && isDirectory(old) && old.ino === from.stats.ino && old.dev === from.stats.dev
  if (isBelow(from.realPath, folder.realPath) || isAbove) throw entangled(path, path)
}

/** What is made is removed when it does not get to its place. */
async function underTemporaryName(
  changing: Changing,
  target: Target,
  isFolder: boolean,
  make: (name: string) => Promise<void>,
): Promise<void> {
  const name = temporaryName()
  const note = changing.notes?.begin({ kind: 'remove', folder: bytesOfPath(target.folder), name })
  try {
    await make(name)
    await swapIn(changing, target, { place: target.beside(name), isFolder })
  } catch (error) {
    await removeAny(topFolder(target.folder), name)
    throw error
  } finally {
    note?.end()
  }
}
