import { StorageError } from '@filegate/core/error'
import { baseName, parentPath, type StoragePath } from '@filegate/core/path'
import { mkdirSync, rmdirSync } from 'node:fs'
import { childPlace } from '../directory-names.ts'
import type { OpenedDirectory } from '../locator.ts'
import { errnoOf } from './change-error.ts'
import { checkAdmitted } from './admitted.ts'
import type { Changing } from './changing.ts'

/** A folder that is held open, and how to take back that it was made. */
export interface MadeFolder {
  readonly folder: OpenedDirectory
  readonly made: boolean
  undo(): void
}

/** Opens a folder, and makes it with its parents where they are missing. */
export async function pinMade(changing: Changing, path: StoragePath): Promise<MadeFolder> {
  const there = pinIfThere(changing, path)
  if (there) return { folder: there, made: false, undo() {} }
  const above = await pinMade(changing, parentPath(path))
  let made = false
  // The folder above is closed by then, and may be looked up anew: what is removed is empty in any case.
  const undo = (): void => {
    if (made) removeIfEmpty(changing, path)
    above.undo()
  }
  try {
    checkAdmitted(changing.access, path, above.folder, 'directory')
    made = makeIn(above.folder, path)
    if (made) await changing.syncFolder(above.folder)
    return { folder: changing.access.pinDirectory(path), made, undo }
  } catch (error) {
    undo()
    throw error
  } finally {
    above.folder.close()
  }
}

function pinIfThere({ pinFolder }: Changing, path: StoragePath): OpenedDirectory | undefined {
  try {
    return pinFolder(path)
  } catch (error) {
    if (path !== '' && StorageError.is(error, 'NotFound')) return undefined
    throw error
  }
}

function makeIn(folder: OpenedDirectory, path: StoragePath): boolean {
  try {
    mkdirSync(childPlace(folder.pinnedPath, baseName(path)))
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

function removeIfEmpty({ access }: Changing, path: StoragePath): void {
  try {
    const above = access.pinDirectory(parentPath(path))
    try {
      rmdirSync(childPlace(above.pinnedPath, baseName(path)))
    } finally {
      above.close()
    }
  } catch {
    // Something has come into it, or it is gone: either way it is no longer ours.
  }
}
