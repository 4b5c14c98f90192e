import { lstatSync, unlinkSync } from 'node:fs'
import { isDirectory } from '../facts.ts'
import { childOf } from './child-place.ts'
import type { FolderBelow } from './folder-below.ts'
import { removeTree } from './remove-tree.ts'

/** Removes whatever has this name in a folder, if anything. */
export async function removeAny(folder: FolderBelow, name: string | Buffer): Promise<void> {
  const place = childOf(folder.place, name)
  const stats = lstatSync(place, { throwIfNoEntry: false })
  if (!stats) return
  if (isDirectory(stats)) await removeTree(folder, name)
  else unlinkSync(place)
}
