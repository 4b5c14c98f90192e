import type { FileEntry, OpenFile, RangeWriteOptions } from '@filegate/core'
import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, futimesSync, lstatSync, openSync } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { bodyOf } from '../body.ts'
import { fileEntry } from '../entry.ts'
import { changedLater } from './changed-later.ts'
import type { Changing } from './changing.ts'
import { fileTime } from './file-time.ts'
import type { Notes, Undo } from './notes.ts'
import { bytesOfPath } from './path-bytes.ts'
import { pour } from './pour.ts'
import { changedMeanwhile, checkConditions } from './replace.ts'
import type { Target } from './target.ts'
import { undo } from './undo.ts'

/**
 * Changes a large file where it stands, which costs what is changed and not what the file is. What the change replaces is kept
 * beside the notes until it is complete, and put back if it does not get to its end, by the next start if need be.
 */
export async function reviseInPlace(
  changing: Changing & { readonly notes: Notes },
  target: Target,
  file: OpenFile,
  options: RangeWriteOptions,
): Promise<FileEntry> {
  const { isDurable, notes, syncFile } = changing
  const { start, modified, conditions } = options
  const { descriptor } = file
  const before = fstatSync(descriptor)
  checkConditions(conditions, target.path, before)
  const kept = await keepBytes(changing, file, options)
  const note = noteOf(target, file, options, kept)
  const standing = isDurable ? await notes.beginDurably(note) : notes.begin(note)
  try {
    try {
      await pour({ ...options, descriptor, position: start, durable: isDurable })
      const now = lstatSync(target.place, { throwIfNoEntry: false })
      if (!now || now.ino !== file.entry.posix?.inode) throw changedMeanwhile(target.path)
      if (modified !== undefined) futimesSync(descriptor, new Date(), fileTime(modified))
      await syncFile(descriptor)
    } catch (error) {
      await undo(descriptor, note, notes.directory)
      throw error
    }
    return fileEntry(target.path, await changedLater(descriptor, before))
  } finally {
    standing.end()
    if (kept !== undefined) await unlink(join(notes.directory, kept))
  }
}

function noteOf(target: Target, { entry }: OpenFile, { start, size }: RangeWriteOptions, kept?: string): Undo {
  return {
    kind: 'undo',
    folder: bytesOfPath(target.folder),
    name: target.name,
    inode: `${entry.posix?.device}:${entry.posix?.inode}`,
    start,
    size: entry.size,
    intended: size === undefined ? undefined : Math.max(entry.size, start + size),
    modified: entry.modified,
    kept,
  }
}

/** Copies what is going to be overwritten. @returns the name of the file that holds it */
async function keepBytes(
  { notes, isDurable, syncFile }: Changing & { readonly notes: Notes },
  { descriptor, entry }: OpenFile,
  { start, size, signal }: RangeWriteOptions,
): Promise<string | undefined> {
  const end = size === undefined ? entry.size : Math.min(entry.size, start + size)
  if (end <= start) return undefined
  const name = `${randomBytes(8).toString('hex')}.kept`
  const place = join(notes.directory, name)
  const to = openSync(notes.ready(place), 'wx', 0o600)
  try {
    const body = bodyOf({ descriptor, entry, close() {} }, { start, end }, signal)
    await pour({ body, size: end - start, signal, descriptor: to, position: 0, durable: isDurable })
    await syncFile(to)
    return name
  } catch (error) {
    await unlink(place)
    throw error
  } finally {
    closeSync(to)
  }
}
