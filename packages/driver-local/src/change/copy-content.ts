import type { OpenFile } from '@filegate/core'
import { closeSync, constants, fchmodSync, futimesSync, openSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { bodyOf } from '../body.ts'
import { descriptorPath } from '../locator-linux.ts'
import { errnoOf } from './change-error.ts'
import type { Changing } from './changing.ts'
import { fileTime } from './file-time.ts'
import { pour } from './pour.ts'

/** Bytes. A file up to this size is copied by the system in one go; of a larger one only a clone is asked for. */
const atOnce = 32 * 1024 * 1024

/** What systems say that cannot clone, or not between these two places. */
const cannotClone: ReadonlySet<string | undefined> = new Set([
  'ENOTSUP',
  'EOPNOTSUPP',
  'EXDEV',
  'EINVAL',
  'ENOSYS',
  'ENOTTY',
])

/**
 * Makes a file that shares its bytes with another until one of them changes, where the file system can do that. It takes no time
 * whatever the size. `orCopy`: a small one is copied where that cannot be.
 * @returns whether there is a file now
 */
export async function cloneFile(
  { descriptor, entry }: OpenFile,
  place: string | Buffer,
  { pinned, orCopy }: { readonly pinned: boolean; readonly orCopy: boolean },
): Promise<boolean> {
  if (!pinned) return false
  const copies = orCopy && entry.size <= atOnce
  const mode = copies ? constants.COPYFILE_FICLONE : constants.COPYFILE_FICLONE_FORCE
  try {
    await copyFile(descriptorPath(descriptor), place, mode | constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if (!copies && cannotClone.has(errnoOf(error))) return false
    throw error
  }
}

interface Copy {
  /** Nothing is there yet. */
  readonly place: string | Buffer
  readonly pinned: boolean
  readonly signal?: AbortSignal | undefined
}

/** Copies a file with its time and permissions, and takes it over. */
export async function copyFileTo(changing: Changing, file: OpenFile, { place, pinned, signal }: Copy): Promise<void> {
  const { entry } = file
  try {
    const cloned = await cloneFile(file, place, { pinned, orCopy: true })
    const descriptor = openSync(place, cloned ? constants.O_WRONLY : 'wx', 0o600)
    try {
      if (!cloned) await copyBytes(file, { descriptor, durable: changing.isDurable }, signal)
      fchmodSync(descriptor, (entry.posix?.mode ?? 0o666) & 0o777)
      futimesSync(descriptor, new Date(), fileTime(entry.modified))
      await changing.syncFile(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } finally {
    file.close()
  }
}

/** Copies piece by piece. The file stays open. */
export async function copyBytes(
  { entry, descriptor }: OpenFile,
  to: { readonly descriptor: number; readonly durable: boolean },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { size } = entry
  const body = bodyOf({ descriptor, entry, close() {} }, { start: 0, end: size }, signal)
  await pour({ body, size, signal, position: 0, ...to })
}
