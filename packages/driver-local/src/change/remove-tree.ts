import { rmdirSync } from 'node:fs'
import { readdir, unlink } from 'node:fs/promises'
import { errnoOf } from './change-error.ts'
import { childOf } from './child-place.ts'
import { type FolderBelow, openBelow } from './folder-below.ts'
import { inBatches } from './in-batches.ts'

/** Files that are removed at the same time. */
const atOnce = 8

/**
 * Removes a folder with all it holds. Every folder is held open while what is in it is removed, and no link is followed, so nothing
 * outside is touched whatever is swapped meanwhile.
 */
export async function removeTree(parent: FolderBelow, name: Buffer | string, signal?: AbortSignal): Promise<void> {
  const folder = openBelow(parent, name)
  try {
    const entries = await readdir(folder.place, { withFileTypes: true, encoding: 'buffer' })
    const folders = entries.filter((entry) => entry.isDirectory())
    const others = entries.filter((entry) => !entry.isDirectory())
    await inBatches(others, atOnce, signal, (entry) => removeFile(folder, entry.name))
    await inBatches(folders, 1, signal, (entry) => removeTree(folder, entry.name, signal))
  } finally {
    folder.close()
  }
  rmdirSync(childOf(parent.place, name))
}

async function removeFile(folder: FolderBelow, name: Buffer): Promise<void> {
  try {
    await unlink(childOf(folder.place, name))
  } catch (error) {
    // Gone meanwhile is as good.
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}
