import { type CopyOptions, type Entry, type StoragePath, StorageError, throwIfAborted } from '@filegate/core'
import { lstatSync, readlinkSync, type Stats, unlinkSync } from 'node:fs'
import { fileEntry } from '../entry.ts'
import { isDirectory, isFile, isLink } from '../facts.ts'
import { errnoOf } from './change-error.ts'
import type { Changing } from './changing.ts'
import { checkApart, copyInto, entangled, openDestination } from './copy.ts'
import { topFolder } from './folder-below.ts'
import { removeAny } from './remove-any.ts'
import { swapIn } from './swap-in.ts'
import { checkShown, openEntry, type Target } from './target.ts'

/** Moves an entry; a link, and not what it leads to. */
export async function move(changing: Changing, path: StoragePath, options: CopyOptions): Promise<Entry> {
  const { destination, signal } = options
  throwIfAborted(signal)
  checkApart(path, destination)
  checkShown(changing, path)
  const source = openEntry(changing, path)
  try {
    const { old } = source
    if (!old) throw new StorageError('Conflict', `/${path} went away meanwhile.`, { path })
    const target = await openDestination(changing, options)
    try {
      await run(changing, source, target, old, signal)
      return entryAt(changing, destination, target)
    } catch (error) {
      target.close()
      target.undo()
      throw error
    } finally {
      target.close()
    }
  } finally {
    source.close()
  }
}

async function run(
  changing: Changing,
  source: Target,
  target: Target,
  stats: Stats,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (isSameFile(stats, target.old)) unlinkSync(source.place)
  else {
    try {
      await swapIn(changing, target, { place: source.place, isFolder: isDirectory(stats) })
    } catch (error) {
      if (errnoOf(error) === 'EINVAL') throw entangled(source.path, target.path)
      if (errnoOf(error) !== 'EXDEV') throw error
      await copyInto(changing, source.path, target, signal)
      await removeAny(topFolder(source.folder), Buffer.from(source.name, 'latin1'))
    }
  }
  await changing.syncFolder(source.folder)
}

/** Two names of one file: renaming one to the other would change nothing at all (rename(2)). */
function isSameFile(stats: Stats, old: Stats | undefined): boolean {
  return old !== undefined && isFile(stats) && stats.ino === old.ino && stats.dev === old.dev
}

function entryAt({ access }: Changing, path: StoragePath, { place }: Target): Entry {
  const stats = lstatSync(place)
  try {
    return access.stat(path)
  } catch (error) {
    // A link that was relative may lead nowhere from its new place.
    if (isLink(stats)) return fileEntry(path, stats, readlinkSync(place))
    throw error
  }
}
