import { randomBytes } from 'node:crypto'
import {
  can,
  copyFile,
  type DriverWith,
  type Entry,
  joinPath,
  parentPath,
  parsePath,
  requireMethods,
  type StorageDriver,
  StorageError,
  type StoragePath,
  walk,
} from '@filegate/core'
import { inParallel } from './in-parallel.ts'

/** Files that are on their way at the same time. */
const filesAtOnce = 4

/** Folders in folders. More are a circle: a destination that lies in its source, through another connection to it. */
const deepest = 200

export interface Copying {
  readonly source: StorageDriver
  readonly entry: Entry
  readonly target: DriverWith<'write'>
  readonly destination: StoragePath
  /** What stands at the destination and is to be replaced. */
  readonly old: Entry | undefined
  readonly signal: AbortSignal
}

/**
 * Copies a file, or a folder with all it holds, by reading and writing. Files stream. What stands at the destination stays
 * until the copy is complete. A copy of a folder that breaks off leaves whole files only.
 */
export async function copyTree(copying: Copying): Promise<void> {
  const { entry, old } = copying
  if (!old || (old.kind === 'file' && entry.kind === 'file')) return copyTo(copying)
  await copyBeside(copying)
}

async function copyTo(copying: Copying): Promise<void> {
  const { source, entry, target, destination, old, signal } = copying
  if (entry.kind === 'directory') return copyFolder(copying)
  // Who may not overwrite does not overwrite what comes meanwhile either.
  const conditions = !old && target.traits.conditions.includes('ifNoneMatch') ? { ifNoneMatch: ['*'] } : undefined
  try {
    await copyFile(source, target, entry.path, destination, { signal, conditions })
  } catch (error) {
    throw conditions && StorageError.is(error, 'PreconditionFailed') ? alreadyThere(destination) : error
  }
}

async function copyFolder({ source, entry, target, destination, signal }: Copying): Promise<void> {
  await target.makeDirectory?.(destination, { signal })
  const children = walk(source, entry.path, { signal, fresh: true })
  await inParallel(children, filesAtOnce, signal, async (child, together) => {
    const below = parsePath(child.path.slice(entry.path.length))
    if (below.split('/').length > deepest) throw tooDeep(child.path)
    const to = parsePath(`${destination}/${below}`)
    if (child.kind === 'file') await copyFile(source, target, child.path, to, { signal: together })
    else await target.makeDirectory?.(to, { signal: together })
  })
}

/** Copies to a name beside the destination, which the copy then takes the place of. */
async function copyBeside(copying: Copying): Promise<void> {
  const { destination, signal } = copying
  const target = requireMethods(copying.target, 'write', 'move', 'remove')
  const beside = joinPath(parentPath(destination), `.filegate-${randomBytes(8).toString('hex')}.partial`)
  try {
    await copyTo({ ...copying, target, destination: beside, old: undefined })
    await target.move(beside, { destination, overwrite: true, signal })
  } catch (error) {
    // Without the signal: it may be what ended the copy.
    await Promise.allSettled([target.remove(beside)])
    throw error
  }
}

/** Whether `copyTree` could replace `old` there. */
export function canReplace(target: StorageDriver, entry: Entry, old: Entry): boolean {
  return (entry.kind === 'file' && old.kind === 'file') || can(target, 'move', 'remove')
}

export const alreadyThere = (path: StoragePath): StorageError =>
  new StorageError(
    'AlreadyExists',
    `There is something at /${path} already. Add the parameter overwrite to replace it.`,
    {
      path,
    },
  )

const tooDeep = (path: StoragePath): StorageError =>
  new StorageError(
    'InvalidArgument',
    `/${path} lies more than ${deepest} folders deep. Does the destination lie in what is copied?`,
  )
