import { lstatSync, opendirSync, readdirSync, readlinkSync } from 'node:fs'
import { childPlace } from './directory-names.ts'
import { type Facts, isDirectory, isFile, isLink } from './facts.ts'
import type { Locator } from './locator.ts'
import { isSameInode, isSettled, type Proof, provePlainPaths } from './plain-paths.ts'

/** One entry of a directory, not yet in the words of the contract. */
export interface Row {
  readonly name: string
  /** Of what a link leads to, where the entry is one. */
  readonly facts: Facts
  readonly target?: string | undefined
  readonly children?: number | undefined
}

/** A directory that is held open, and how to look at what is in it. All of it can be sent to another thread. */
export interface DirectoryTask {
  readonly root: string
  readonly followsSymlinks: boolean
  /** Whether the file system of the root keeps change times that a proof can rest on. */
  readonly provable: boolean
  readonly pinnedPath: string
  readonly pinned: boolean
  readonly realPath: string
  /** Count the entries of each sub-directory, up to so many; 0 to leave that out. */
  readonly countLimit: number
}

const quiet = { throwIfNoEntry: false } as const

/** The rows of `names`, without those that are gone, lead outside the root, or are neither file nor directory. */
export function directoryRows(task: DirectoryTask, locator: Locator, names: readonly string[]): Row[] {
  const rowsBelow = (base: string, plain: boolean): Row[] => {
    const rows: Row[] = []
    for (const name of names) {
      const row = rowOf({ place: childPlace(base, name), name, plain, countLimit: task.countLimit }, locator)
      if (row) rows.push(row)
    }
    return rows
  }
  const proof = proofFor(task)
  if (proof) {
    const rows = attempt(() => rowsBelow(task.realPath, true))
    if (rows && proof()) return rows
  }
  if (task.pinned) return rowsBelow(task.pinnedPath, false)
  // Without descriptors to go through there is only comparing before and after, in one go.
  const before = lstatSync(task.realPath)
  const rows = rowsBelow(task.realPath, false)
  const after = locator.find(task.realPath)
  return after && after.realPath === task.realPath && isSameInode(after.stats, before) ? rows : []
}

function proofFor({ followsSymlinks, provable, realPath, root }: DirectoryTask): Proof | undefined {
  if (realPath.includes('\uFFFD')) return undefined
  if (followsSymlinks) return () => true
  return provable ? provePlainPaths(root, realPath) : undefined
}

/** What the work gives, or nothing when the file system refuses: then the tree is changing, and the careful way decides. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined
    throw error
  }
}

interface Sighting {
  readonly place: string | Buffer
  readonly name: string
  /** Whether `place` is a plain path, right only if a proof holds afterwards. */
  readonly plain: boolean
  readonly countLimit: number
}

function rowOf(sighting: Sighting, locator: Locator): Row | undefined {
  const { place, name } = sighting
  const seen = lstatSync(place, quiet)
  if (!seen) return undefined
  if (isLink(seen)) return linkRow(sighting, locator)
  if (isFile(seen)) return { name, facts: seen }
  return isDirectory(seen) ? { name, facts: seen, children: countChildren(sighting, seen, locator) } : undefined
}

function linkRow(sighting: Sighting, locator: Locator): Row | undefined {
  const { place, name } = sighting
  return attempt(() => {
    const target = readlinkSync(place)
    const facts = locator.find(place)?.stats
    if (!facts) return undefined
    if (isFile(facts)) return { name, facts, target }
    return isDirectory(facts) ? { name, facts, target, children: countPinned(sighting, locator) } : undefined
  })
}

/** `undefined` when not asked for, or when the directory may not be read. */
function countChildren(sighting: Sighting, facts: Facts, locator: Locator): number | undefined {
  const { place, plain, countLimit } = sighting
  if (countLimit === 0) return undefined
  if (plain && isSettled(facts)) {
    const count = attempt(() => countEntries(place, countLimit, facts.size))
    const after = lstatSync(place, quiet)
    if (after && isSameInode(after, facts) && after.ctimeMs === facts.ctimeMs) return count
  }
  return countPinned(sighting, locator)
}

function countPinned({ place, countLimit }: Sighting, locator: Locator): number | undefined {
  if (countLimit === 0) return undefined
  return attempt(() => {
    const directory = locator.openDirectory(place, () => undefined)
    try {
      return directory && countEntries(directory.pinnedPath, countLimit, directory.stats.size)
    } finally {
      directory?.close()
    }
  })
}

/** Above this `st_size` a directory may hold more names than are worth reading just to count them. */
const smallSize = 65_536

function countEntries(place: string | Buffer, limit: number, size: number): number {
  if (size <= smallSize) return Math.min(limit, readdirSync(place, { encoding: 'latin1' }).length)
  const reader = opendirSync(place, { bufferSize: 512, encoding: 'latin1' })
  try {
    let count = 0
    while (count < limit && reader.readSync()) count++
    return count
  } finally {
    reader.closeSync()
  }
}
