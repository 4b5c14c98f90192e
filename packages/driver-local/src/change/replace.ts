import { evaluateConditions, StorageError } from '@filegate/core'
import type { Conditions, FileEntry, StoragePath, WriteOptions } from '@filegate/core'
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
} from 'node:fs'
import { fileEntry } from '../entry.ts'
import { isFile } from '../facts.ts'
import { errnoOf } from './change-error.ts'
import { changedLater } from './changed-later.ts'
import type { Changing } from './changing.ts'
import { fileTime } from './file-time.ts'
import { bytesOfPath } from './path-bytes.ts'
import type { Target } from './target.ts'
import { temporaryName } from './temporary-name.ts'

export interface Replacement extends Pick<WriteOptions, 'modified' | 'conditions'> {
  /** Makes the temporary file before it is opened, as a clone, say. Otherwise it is made empty. */
  readonly prepare?: ((place: string | Buffer) => Promise<void>) | undefined
  readonly fill: (descriptor: number) => Promise<void> | void
  /** Rejects with AlreadyExists where something is, however late it comes. */
  readonly exclusive?: boolean | undefined
  /** The target was looked at a moment ago, and nothing was waited for since. */
  readonly isFresh?: boolean | undefined
  /** The new content was made from the old: nobody may have changed that meanwhile. */
  readonly isRevision?: boolean | undefined
}

const quiet = { throwIfNoEntry: false } as const

/** Windows lacks the last one. */
const untilMade = constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0)
const making = untilMade | constants.O_CREAT | constants.O_EXCL

/**
 * Puts a file in the place of what the target is: it is filled under a temporary name beside it, made durable, and renamed. What
 * fails before that leaves the old file and no other.
 */
export async function replaceFile(changing: Changing, target: Target, replacement: Replacement): Promise<FileEntry> {
  const { notes, isDurable, syncFolder } = changing
  const { folder, path, old } = target
  checkConditions(replacement.conditions, path, old)
  if (old) accessSync(target.place, constants.W_OK)
  const noted = notes?.temporary(bytesOfPath(folder))
  let isPlaced = false
  try {
    const stats = await fillAndPlace(changing, target, target.beside(noted?.name ?? temporaryName()), replacement)
    isPlaced = true
    if (isDurable) await syncFolder(folder)
    return fileEntry(path, stats)
  } finally {
    noted?.end(isPlaced)
  }
}

async function fillAndPlace(
  changing: Changing,
  target: Target,
  temporary: string | Buffer,
  replacement: Replacement,
): Promise<Stats> {
  const { prepare, fill, modified } = replacement
  let descriptor: number | undefined
  let placed = false
  try {
    if (prepare) await prepare(temporary)
    // What replaces a file that few may read is not open to more people on its way.
    descriptor = openSync(temporary, prepare ? untilMade : making, target.old ? 0o600 : 0o666)
    const filling = fill(descriptor)
    if (filling) await filling
    if (target.old) keepAttributes(descriptor, target.old)
    if (modified !== undefined) futimesSync(descriptor, new Date(), fileTime(modified))
    if (changing.isDurable) await changing.syncFile(descriptor)
    const isFresh = replacement.isFresh && !prepare && !filling && !changing.isDurable
    const now = isFresh ? target.old : lstatSync(target.place, quiet)
    const replaced = putInPlace(target, temporary, replacement, now)
    placed = true
    return await changedLater(descriptor, replaced)
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
    if (!placed) removeIfThere(temporary)
  }
}

/** Whoever owned the file still does, where this process may see to that, and the same people may read and write it. */
function keepAttributes(descriptor: number, { uid, gid, mode }: Stats): void {
  const made = fstatSync(descriptor)
  if (made.uid !== uid || made.gid !== gid) {
    try {
      fchownSync(descriptor, uid, gid)
    } catch (error) {
      if (errnoOf(error) !== 'EPERM' && errnoOf(error) !== 'EINVAL') throw error
    }
  }
  // Who writes a program that runs with the rights of its owner is not given those rights.
  fchmodSync(descriptor, mode & 0o777)
}

/**
 * One moment decides: nothing is waited for between the last look and the renaming.
 * @param now what was seen then
 * @returns what was replaced
 */
function putInPlace(
  target: Target,
  temporary: string | Buffer,
  replacement: Replacement,
  now: Stats | undefined,
): Stats | undefined {
  const { conditions, exclusive, isRevision } = replacement
  const { place, path, old } = target
  checkConditions(conditions, path, now && isFile(now) ? now : undefined)
  if (isRevision && !(now && old && isUnchanged(now, old))) throw changedMeanwhile(path)
  if (now && !isFile(now) && !old) throw changedMeanwhile(path)
  const refusal = exclusive ? alreadyThere(path) : conditions?.ifNoneMatch?.includes('*') && failedCondition(path)
  if (refusal) putWhereNothingIs(temporary, place, refusal)
  else renameSync(temporary, place)
  return now
}

/** A link is only made where nothing is, so that even other programs cannot come in between. */
function putWhereNothingIs(temporary: string | Buffer, place: string | Buffer, refusal: StorageError): void {
  try {
    linkSync(temporary, place)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw refusal
    // A file system without hard links.
    if (lstatSync(place, quiet)) throw refusal
    return renameSync(temporary, place)
  }
  unlinkSync(temporary)
}

export function isUnchanged(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev && one.size === other.size && one.ctimeMs === other.ctimeMs
}

/** @throws StorageError `PreconditionFailed` */
export function checkConditions(conditions: Conditions | undefined, path: StoragePath, stats: Stats | undefined): void {
  if (!conditions) return
  const entry = stats && fileEntry(path, stats)
  if (evaluateConditions(conditions, entry) !== 'proceed') throw failedCondition(path)
}

export function removeIfThere(place: string | Buffer): void {
  try {
    unlinkSync(place)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

const failedCondition = (path: StoragePath): StorageError =>
  new StorageError('PreconditionFailed', `The condition does not hold for /${path}`, { path })

export const alreadyThere = (path: StoragePath): StorageError =>
  new StorageError('AlreadyExists', `There is something at /${path} already.`, { path })

export const changedMeanwhile = (path: StoragePath): StorageError =>
  new StorageError('Conflict', `Another program changed /${path} meanwhile. Nothing of this change was kept.`, { path })
