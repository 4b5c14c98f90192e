import { baseName, isWithin, parentPath, type StoragePath } from '@filegate/core/path'
import { lstatSync, type Stats } from 'node:fs'
import { childPlace } from './directory-names.ts'
import { isDirectory } from './facts.ts'
import { foldersBetween, isSameInode, isSettled } from './plain-paths.ts'

/** A folder that a batch reads or passes through. Each batch looks at it anew. */
export interface WalkFolder {
  readonly path: StoragePath
  /** Its real path, as far as one knew when it was found. */
  readonly disk: string | Buffer
  readonly above: WalkFolder | undefined
  /** What it was when the batch first looked; `null` before that. */
  stats: Stats | undefined | null
  /** Whether it was on the way to another folder. */
  isPassed: boolean
}

const newFolder = (path: StoragePath, disk: string | Buffer, above: WalkFolder | undefined): WalkFolder => {
  return { path, disk, above, stats: null, isPassed: false }
}

/** Where a walk starts. */
export interface WalkStart {
  readonly root: string
  readonly path: StoragePath
  /** Its real path; bytes where that is no text, and then nobody knows what is above it. */
  readonly disk: string | Buffer
}

function startFolder({ root, path, disk }: WalkStart): WalkFolder {
  const ways = typeof disk === 'string' ? foldersBetween(root, disk) : [disk]
  let folder: WalkFolder | undefined
  for (const way of ways) folder = newFolder(path, way, folder)
  return folder ?? newFolder(path, disk, undefined)
}

/** The folder at a path, with those on the way to it; undefined for what is not at or below the start. */
export function folderFinder(start: WalkStart): (path: StoragePath) => WalkFolder | undefined {
  const known = new Map([[start.path, startFolder(start)]])
  const folderAt = (path: StoragePath): WalkFolder => {
    const found = known.get(path)
    if (found) return found
    const above = folderAt(parentPath(path))
    const folder = newFolder(path, childPlace(above.disk, baseName(path)), above)
    known.set(path, folder)
    return folder
  }
  return (path) => (isWithin(path, start.path) ? folderAt(path) : undefined)
}

export function foldersAt(start: WalkStart, paths: readonly StoragePath[]): (WalkFolder | undefined)[] {
  const find = folderFinder(start)
  return paths.map((path) => find(path))
}

const quiet = { throwIfNoEntry: false } as const

/** The proof of `plain-paths.ts`, for many folders of one tree at once. */
export interface BatchProof {
  /** Looks at a folder. What it is if a plain path to it may be used, provided that `holds` is true in the end. */
  approach(folder: WalkFolder): Stats | undefined
  holds(): boolean
}

export interface PassingProof extends BatchProof {
  /** Whether the way leads through `folder` for sure, and nothing in it can be put in place of another thing unseen. */
  pass(folder: WalkFolder): boolean
}

/**
 * `needless`: links may lead anywhere, so plain paths are good. `possible`: plain paths, with a proof. `impossible`: this
 * file system gives no proof, so every folder is pinned.
 */
export type ProofKind = 'needless' | 'possible' | 'impossible'

const proofs: Readonly<Record<ProofKind, () => BatchProof>> = {
  needless: () => ({ approach: (folder) => ifDirectory(look(folder)), holds: () => true }),
  possible: proveBatch,
  impossible: () => ({ approach: () => undefined, holds: () => true }),
}

export const proofFor = (kind: ProofKind): BatchProof => proofs[kind]()

const ifDirectory = (stats: Stats | undefined): Stats | undefined => (stats && isDirectory(stats) ? stats : undefined)

function look(folder: WalkFolder): Stats | undefined {
  if (folder.stats === null) folder.stats = lstatSync(folder.disk, quiet)
  return folder.stats
}

export function proveBatch(): PassingProof {
  const passed: WalkFolder[] = []

  function pass(folder: WalkFolder): boolean {
    if (folder.isPassed) return true
    if (folder.above && !pass(folder.above)) return false
    const stats = ifDirectory(look(folder))
    if (!stats || !isSettled(stats) || isMount(folder, stats)) return false
    folder.isPassed = true
    passed.push(folder)
    return true
  }

  return {
    pass,
    approach(folder) {
      if (folder.above && !pass(folder.above)) return undefined
      const stats = ifDirectory(look(folder))
      return stats && !isMount(folder, stats) ? stats : undefined
    },
    holds: () =>
      passed.every(({ disk, stats }) => {
        const now = lstatSync(disk, quiet)
        return now && stats && isSameInode(now, stats) && now.ctimeMs === stats.ctimeMs
      }),
  }
}

/** Another file system below the root may not keep change times as the root's does. */
const isMount = ({ above }: WalkFolder, stats: Stats): boolean => !!above?.stats && above.stats.dev !== stats.dev
