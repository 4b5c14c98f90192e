import { StorageError } from '@filegate/core/error'
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, renameSync, unlinkSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { isFile } from '../facts.ts'
import { canPin, descriptorPath } from '../locator-linux.ts'
import { childOf } from './child-place.ts'
import { errnoOf } from './change-error.ts'
import type { FolderBelow } from './folder-below.ts'
import { type Note, notesSuffix, slotSize, type Undo } from './notes.ts'
import { pathOfBytes } from './path-bytes.ts'
import { type Fate, fateOf, processMark } from './process-mark.ts'
import { removeAny } from './remove-any.ts'
import { isTemporaryName } from './temporary-name.ts'
import { undo } from './undo.ts'

/** Milliseconds that a process has which was killed: it may be waiting for a disk. */
const endsWithin = 5000
const lookEvery = 10

/**
 * Puts right what processes left half done that are no more: temporary files are removed, folders that were moved aside come back,
 * files that were being changed get back what they held. It has to be over before anything is changed again.
 * @returns what could not be put right
 */
export async function recoverChanges(directory: string): Promise<readonly Error[]> {
  const failures: Error[] = []
  for (const name of await filesIn(directory)) {
    if (!name.endsWith(notesSuffix)) continue
    const mark = name.split('-', 2).join('-')
    const fate = await settledFate(mark)
    if (fate === 'ending')
      failures.push(new Error(`process ${mark} does not come to its end, so its changes stay as they are`))
    if (fate !== 'gone') continue
    const file = claim(directory, name)
    if (file === undefined) continue
    for (const note of notesIn(readFileSync(file))) {
      try {
        await putRight(note, directory)
      } catch (error) {
        const where = Buffer.from(note.folder, 'latin1').toString()
        failures.push(new Error(`a change that was broken off in ${where} could not be undone`, { cause: error }))
      }
    }
    unlinkSync(file)
  }
  return failures
}

/** What is left by a process that is killed is known only when it has come to its end. */
async function settledFate(mark: string): Promise<Fate> {
  const deadline = performance.now() + endsWithin
  for (;;) {
    const fate = fateOf(mark)
    if (fate !== 'ending' || performance.now() > deadline) return fate
    await setTimeout(lookEvery)
  }
}

async function filesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Only one process gets to rename a file, and the new name says that it is at work on it. */
function claim(directory: string, name: string): string | undefined {
  const mine = join(directory, `${processMark(process.pid)}-${randomBytes(4).toString('hex')}${notesSuffix}`)
  try {
    renameSync(join(directory, name), mine)
    return mine
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** What stands in the slots. A note that is cut off was never acted on. */
function notesIn(bytes: Buffer): Note[] {
  const notes: Note[] = []
  for (let at = 0; at < bytes.length; at += slotSize) {
    const end = bytes.indexOf('\n', at)
    const note = bytes[at] === 0 || end < 0 ? undefined : parseNote(bytes.toString('utf8', at, end))
    if (note) notes.push(note)
  }
  return notes
}

function parseNote(text: string): Note | undefined {
  try {
    const note: unknown = JSON.parse(text)
    return isNote(note) ? note : undefined
  } catch {
    return undefined
  }
}

/** The file is ours and nobody else can write it, so its form is not in doubt; what is cut off has no form at all. */
function isNote(value: unknown): value is Note {
  return typeof value === 'object' && value !== null && 'kind' in value && 'folder' in value && 'name' in value
}

async function putRight(note: Note, directory: string): Promise<void> {
  const folder = openNoted(note)
  if (!folder) return
  try {
    const name = Buffer.from(note.name, 'latin1')
    if (note.kind === 'undo') return await putBytesBack(folder, note, directory)
    if (!isTemporaryName(note.name)) return
    if (note.kind === 'restore') restore(folder, note.name, Buffer.from(note.original, 'latin1'))
    await removeAny(folder, name)
  } finally {
    folder.close()
  }
}

function openNoted(note: Note): FolderBelow | undefined {
  const path = pathOfBytes(note.folder)
  try {
    if (!canPin(path.toString())) return { place: path, pinned: false, async sync() {}, close() {} }
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
    return { place: descriptorPath(descriptor), pinned: true, async sync() {}, close: () => closeSync(descriptor) }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

function restore(folder: FolderBelow, name: string, original: Buffer): void {
  const [from, to] = [childOf(folder.place, name), childOf(folder.place, original)]
  const isThere = (place: string | Buffer): boolean => lstatSync(place, { throwIfNoEntry: false }) !== undefined
  if (isThere(from) && !isThere(to)) renameSync(from, to)
}

async function putBytesBack(folder: FolderBelow, note: Undo, directory: string): Promise<void> {
  const place = childOf(folder.place, Buffer.from(note.name, 'latin1'))
  const seen = lstatSync(place, { throwIfNoEntry: false })
  if (!seen || !isFile(seen) || `${seen.dev}:${seen.ino}` !== note.inode) return
  const descriptor = openSync(place, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0))
  try {
    const { size } = fstatSync(descriptor)
    if (note.intended !== undefined && size > note.intended) {
      throw new StorageError('Conflict', 'Another program has added to the file, so it is left as it is.')
    }
    await undo(descriptor, note, directory)
  } finally {
    closeSync(descriptor)
  }
  if (note.kept !== undefined) unlinkSync(join(directory, note.kept))
}
