import type { FileEntry, OpenFile, RangeWriteOptions, StoragePath, WriteOptions } from '@filegate/core'
import { notFound, StorageError } from '@filegate/core/error'
import { throwIfAborted } from '@filegate/core'
import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import { fileEntry } from '../entry.ts'
import { isFile } from '../facts.ts'
import { descriptorPath, O_PATH } from '../locator-linux.ts'
import type { Changing } from './changing.ts'
import { cloneFile, copyBytes } from './copy-content.ts'
import { pour } from './pour.ts'
import { changedMeanwhile, isUnchanged, replaceFile } from './replace.ts'
import { reviseInPlace } from './revise-in-place.ts'
import { openFileTarget, type Target } from './target.ts'
import { writeTo } from './write.ts'

/** Bytes. A file up to this size is copied, changed and renamed; so is one of any size that the file system can clone. */
const copied = 1024 * 1024

type Appending = Omit<WriteOptions, 'contentType' | 'hashes'>

/** Adds to the end of a file, or makes it. */
export function append(changing: Changing, path: StoragePath, options: Appending): Promise<FileEntry> {
  return onTarget(changing, path, options, (target) =>
    target.old ? revise(changing, target, { ...options, start: target.old.size }) : writeTo(changing, target, options),
  )
}

/** Replaces bytes of a file from `start` on. */
export function writeRange(changing: Changing, path: StoragePath, options: RangeWriteOptions): Promise<FileEntry> {
  return onTarget(changing, path, options, (target) => {
    if (!target.old) throw notFound(path)
    if (options.start > target.old.size) throw pastTheEnd(path, options.start, target.old.size)
    return revise(changing, target, options)
  })
}

async function onTarget(
  changing: Changing,
  path: StoragePath,
  { signal }: Appending,
  work: (target: Target) => Promise<FileEntry>,
): Promise<FileEntry> {
  throwIfAborted(signal)
  const target = await openFileTarget(changing, path)
  try {
    return await work(target)
  } catch (error) {
    target.close()
    target.undo()
    throw error
  } finally {
    target.close()
  }
}

async function revise(changing: Changing, target: Target, options: RangeWriteOptions): Promise<FileEntry> {
  const { start, modified, conditions, signal } = options
  const file = openRevised(target)
  try {
    const durable = changing.isDurable
    const pourIn = async (descriptor: number): Promise<void> =>
      void (await pour({ ...options, descriptor, position: start, durable }))
    const common = { modified, conditions, isRevision: true }
    const { notes } = changing
    if (file.entry.size > copied && notes) {
      const cloned = await replaceByClone(changing, target, file, { ...common, fill: pourIn })
      if (cloned) return cloned
      return await reviseInPlace({ ...changing, notes }, target, file, options)
    }
    return await replaceFile(changing, target, {
      ...common,
      async fill(descriptor) {
        await copyBytes(file, { descriptor, durable }, signal)
        await pourIn(descriptor)
      },
    })
  } finally {
    file.close()
  }
}

/** `undefined` where the file system cannot clone. */
async function replaceByClone(
  changing: Changing,
  target: Target,
  file: OpenFile,
  replacement: Parameters<typeof replaceFile>[2],
): Promise<FileEntry | undefined> {
  const { pinned } = target.folder
  let cloned = true
  const prepare = async (place: string | Buffer): Promise<void> => {
    cloned = await cloneFile(file, place, { pinned, orCopy: false })
    if (!cloned) throw new StorageError('Unsupported', 'This file system cannot clone.')
  }
  try {
    return await replaceFile(changing, target, { ...replacement, prepare })
  } catch (error) {
    if (!cloned) return undefined
    throw error
  }
}

/** The very file that was looked at, for reading and writing. */
function openRevised({ place, folder, old, path }: Target): OpenFile {
  const pin = openSync(place, folder.pinned ? O_PATH | constants.O_NOFOLLOW : constants.O_RDONLY)
  try {
    checkSame(fstatSync(pin), old, path)
    const descriptor = openSync(folder.pinned ? descriptorPath(pin) : place, constants.O_RDWR)
    const file = { descriptor, entry: fileEntry(path, fstatSync(descriptor)), close: () => closeSync(descriptor) }
    return file
  } finally {
    closeSync(pin)
  }
}

function checkSame(stats: Stats, old: Stats | undefined, path: StoragePath): void {
  if (!old || !isFile(stats) || !isUnchanged(stats, old)) throw changedMeanwhile(path)
}

const pastTheEnd = (path: StoragePath, start: number, size: number): StorageError =>
  new StorageError('RangeNotSatisfiable', `/${path} has ${size} bytes, so nothing can be put at ${start}.`, { path })
