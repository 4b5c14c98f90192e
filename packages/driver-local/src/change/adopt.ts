import { type AdoptOptions, type FileEntry, StorageError, type StoragePath, throwIfAborted } from '@filegate/core'
import { root } from '@filegate/core/path'
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  linkSync,
  openSync,
  type Stats,
  unlinkSync,
} from 'node:fs'
import { fileEntry } from '../entry.ts'
import { isFile } from '../facts.ts'
import { errnoOf } from './change-error.ts'
import type { Changing } from './changing.ts'
import { copyBytes } from './copy-content.ts'
import { type Replacement, replaceFile } from './replace.ts'
import { openFileTarget, type Target } from './target.ts'

/** What systems say where a file can have no second name: on another file system, or on one that knows no such thing. */
const cannotLink: ReadonlySet<string | undefined> = new Set([
  'EXDEV',
  'EPERM',
  'EACCES',
  'EMLINK',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
])

/**
 * Makes a file that stands elsewhere on this machine the content of a path. It gets a second name where that can be, which takes
 * no time whatever the size, and is copied otherwise.
 */
export async function adopt(changing: Changing, path: StoragePath, options: AdoptOptions): Promise<FileEntry> {
  throwIfAborted(options.signal)
  const descriptor = openSync(options.file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  try {
    const stats = fstatSync(descriptor)
    if (!isFile(stats)) throw new StorageError('Conflict', `What was to become /${path} is no file any more.`, { path })
    return await adoptOpened(changing, path, options, { descriptor, stats })
  } finally {
    closeSync(descriptor)
  }
}

interface Opened {
  readonly descriptor: number
  readonly stats: Stats
}

async function adoptOpened(
  changing: Changing,
  path: StoragePath,
  options: AdoptOptions,
  opened: Opened,
): Promise<FileEntry> {
  const target = await openFileTarget(changing, path)
  try {
    // One that has a second name is somebody's file by now: with a third, changing one would change the other.
    const linked = opened.stats.nlink > 1 ? undefined : await linkTo(changing, target, options)
    return linked ?? (await copyTo(changing, target, options, opened))
  } catch (error) {
    target.close()
    target.undo()
    throw error
  } finally {
    target.close()
  }
}

type Conditional = Pick<Replacement, 'modified' | 'conditions'>

/** `undefined` where it cannot be. */
async function linkTo(
  changing: Changing,
  target: Target,
  { file, modified, conditions }: AdoptOptions,
): Promise<FileEntry | undefined> {
  const rules: Conditional = { modified, conditions }
  let usual: Stats | undefined
  try {
    return await replaceFile(changing, target, {
      ...rules,
      async prepare(place) {
        usual = statsOfNew(place)
        linkSync(file, place)
      },
      async fill(descriptor) {
        if (usual) giveAttributes(descriptor, usual)
      },
    })
  } catch (error) {
    if (cannotLink.has(errnoOf(error))) return undefined
    throw error
  }
}

/** What a file gets that is made in this folder: permissions of the process, and what the folder hands down. */
function statsOfNew(place: string | Buffer): Stats {
  const descriptor = openSync(place, 'wx', 0o666)
  try {
    return fstatSync(descriptor)
  } finally {
    closeSync(descriptor)
    unlinkSync(place)
  }
}

function giveAttributes(descriptor: number, { gid, mode }: Stats): void {
  const own = fstatSync(descriptor)
  if (own.gid !== gid) {
    try {
      fchownSync(descriptor, own.uid, gid)
    } catch (error) {
      if (errnoOf(error) !== 'EPERM') throw error
    }
  }
  fchmodSync(descriptor, mode & 0o777)
}

function copyTo(
  changing: Changing,
  target: Target,
  { modified, conditions, signal }: AdoptOptions,
  { descriptor, stats }: Opened,
): Promise<FileEntry> {
  const file = { descriptor, entry: fileEntry(root, stats), close() {} }
  return replaceFile(changing, target, {
    modified,
    conditions,
    fill: (to) => copyBytes(file, { descriptor: to, durable: changing.isDurable }, signal),
  })
}
