import type { StoragePath } from '@filegate/core'
import { lstatSync, opendirSync, readdirSync, readlinkSync } from 'node:fs'
import { childPlace } from './directory-names.ts'
import { ifThere } from './errno.ts'
import { type Facts, isDirectory, isFile, isLargeDirectory, isLink } from './facts.ts'
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
  /** As `LocalAccess.within`. What it keeps out is for the caller to leave out; the directory itself is proved to be in it. */
  readonly within?: readonly StoragePath[] | undefined
  /** Whether the file system of the root keeps change times that a proof can rest on. */
  readonly provable: boolean
  readonly pinnedPath: string
  readonly pinned: boolean
  readonly realPath: string
  /** Count the entries of each sub-directory, up to so many; 0 to leave that out. */
  readonly countLimit: number
  /** Leave large directories uncounted, which would take more than a moment. */
  readonly inHaste: boolean
}

const quiet = { throwIfNoEntry: false } as const

/** The rows of `names`, without those that are gone, lead outside the root, or are neither file nor directory. */
export function directoryRows(task: DirectoryTask, locator: Locator, names: readonly string[]): Row[] {
  const rowsBelow = (base: string, plain: boolean): Row[] => {
    const rows: Row[] = []
    for (const name of names) {
      const row = rowOf({ place: childPlace(base, name), name, plain, task }, locator)
      if (row) rows.push(row)
    }
    return rows
  }
  const proof = proofFor(task)
  if (proof) {
    const rows = ifThere(() => rowsBelow(task.realPath, true))
    if (rows && proof()) return rows
  }
  if (task.pinned) return rowsBelow(task.pinnedPath, false)
  // Without descriptors to go through there is only comparing before and after, in one go.
  const before = lstatSync(task.realPath)
  const rows = rowsBelow(task.realPath, false)
  const after = locator.find(task.realPath)
  return after && after.realPath === task.realPath && isSameInode(after.stats, before) ? rows : []
}

function proofFor({ followsSymlinks, within, provable, realPath, root }: DirectoryTask): Proof | undefined {
  if (realPath.includes('\uFFFD')) return undefined
  if (followsSymlinks && !within) return () => true
  return provable ? provePlainPaths(root, realPath) : undefined
}

interface Sighting {
  readonly place: string | Buffer
  readonly name: string
  /** Whether `place` is a plain path, right only if a proof holds afterwards. */
  readonly plain: boolean
  readonly task: DirectoryTask
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
  return ifThere(() => {
    const target = readlinkSync(place)
    const facts = locator.find(place)?.stats
    if (!facts) return undefined
    if (isFile(facts)) return { name, facts, target }
    return isDirectory(facts) ? { name, facts, target, children: countPinned(sighting, facts, locator) } : undefined
  })
}

/** `undefined` when it is not to be counted, or may not be read. */
function countChildren(sighting: Sighting, facts: Facts, locator: Locator): number | undefined {
  const { place, plain, task } = sighting
  if (plain && isCounted(task, facts) && isSettled(facts)) {
    const count = ifThere(() => countEntries(place, task.countLimit, facts))
    const after = lstatSync(place, quiet)
    if (after && isSameInode(after, facts) && after.ctimeMs === facts.ctimeMs) return count
  }
  return countPinned(sighting, facts, locator)
}

function countPinned({ place, task }: Sighting, facts: Facts, locator: Locator): number | undefined {
  if (!isCounted(task, facts)) return undefined
  return ifThere(() => {
    const directory = locator.openDirectory(place, () => undefined)
    try {
      return directory && countEntries(directory.pinnedPath, task.countLimit, directory.stats)
    } finally {
      directory?.close()
    }
  })
}

const isCounted = ({ countLimit, inHaste }: DirectoryTask, facts: Facts): boolean =>
  countLimit > 0 && !(inHaste && isLargeDirectory(facts))

function countEntries(place: string | Buffer, limit: number, facts: Facts): number {
  if (!isLargeDirectory(facts)) return Math.min(limit, readdirSync(place, { encoding: 'latin1' }).length)
  const reader = opendirSync(place, { bufferSize: 512, encoding: 'latin1' })
  try {
    let count = 0
    while (count < limit && reader.readSync()) count++
    return count
  } finally {
    reader.closeSync()
  }
}
