import { renameSync, unlinkSync } from 'node:fs'
import { isDirectory } from '../facts.ts'
import { errnoOf } from './change-error.ts'
import type { Changing } from './changing.ts'
import { topFolder } from './folder-below.ts'
import { bytesOfPath } from './path-bytes.ts'
import { removeTree } from './remove-tree.ts'
import { alreadyThere } from './replace.ts'
import type { Target } from './target.ts'
import { temporaryName } from './temporary-name.ts'

interface Coming {
  /** Where it stands now, on the same file system. */
  readonly place: string | Buffer
  readonly isFolder: boolean
}

/**
 * Renames something to where the target is, and replaces what stands there. Where a folder is replaced it is moved aside first, which
 * a note undoes if this process dies in between.
 */
export async function swapIn(changing: Changing, target: Target, coming: Coming): Promise<void> {
  const { old, place, path, folder } = target
  if (!old) {
    renameToNothing(coming, target)
    return changing.syncFolder(folder)
  }
  if (!isDirectory(old) && !coming.isFolder) {
    renameSync(coming.place, place)
    return changing.syncFolder(folder)
  }
  const aside = temporaryName()
  const note = changing.notes?.begin({
    kind: 'restore',
    folder: bytesOfPath(folder),
    name: aside,
    original: target.name,
  })
  try {
    renameSync(place, target.beside(aside))
    try {
      renameToNothing(coming, target)
    } catch (error) {
      renameSync(target.beside(aside), place)
      throw error
    }
    await changing.syncFolder(folder)
    if (isDirectory(old)) await removeTree(topFolder(folder), aside)
    else unlinkSync(target.beside(aside))
  } finally {
    note?.end()
  }

  function renameToNothing({ place: from }: Coming, { place: to }: Target): void {
    try {
      renameSync(from, to)
    } catch (error) {
      if (inTheWay.has(errnoOf(error))) throw alreadyThere(path)
      throw error
    }
  }
}

/** What a system says where something came to stand meanwhile. */
const inTheWay: ReadonlySet<string | undefined> = new Set(['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EISDIR'])
