import { baseName, isWithin, parentPath, type StoragePath } from '@filegate/core'
import { lstatSync, type Stats } from 'node:fs'
import { childPlace } from './directory-names.ts'
import { isDirectory, isLargeDirectory } from './facts.ts'
import { foldersBetween, isSameInode, isSettled } from './plain-paths.ts'

/** A folder that a walk reads or passes through. */
export interface WalkFolder {
  readonly path: StoragePath
  /** Its real path, as far as one knew when it was found. */
  readonly disk: string | Buffer
  readonly above: WalkFolder | undefined
  /** The batch in which it was found. */
  readonly foundIn: number
  isLarge: boolean
  /** What it was when the batch `seenIn` first looked. */
  stats: Stats | undefined
  seenIn: number
  /** The last batch in which it was on the way to another folder. */
  passedIn: number
}

export function folderBelow(above: WalkFolder, name: string, path: StoragePath, batch: number): WalkFolder {
  return newFolder({ path, disk: childPlace(above.disk, name), above, foundIn: batch })
}

type Found = Pick<WalkFolder, 'path' | 'disk' | 'above' | 'foundIn'>

const newFolder = (found: Found): WalkFolder => {
  return { ...found, isLarge: false, stats: undefined, seenIn: -1, passedIn: -1 }
}

/** The folder that a walk starts from, with those above it up to `root` where its real path is known as text. */
export function startFolder(root: string, disk: string | Buffer, path: StoragePath): WalkFolder {
  const ways = typeof disk === 'string' ? foldersBetween(root, disk) : [disk]
  let folder: WalkFolder | undefined
  for (const way of ways) folder = newFolder({ path, disk: way, above: folder, foundIn: 0 })
  return folder ?? newFolder({ path, disk, above: undefined, foundIn: 0 })
}

/** The folders at `paths`, which are below that of `start`, with those in between. */
export function foldersBelow(start: WalkFolder, paths: readonly StoragePath[]): WalkFolder[] {
  const known = new Map([[start.path, start]])
  const folderAt = (path: StoragePath): WalkFolder => {
    const folder = known.get(path) ?? folderBelow(folderAt(parentPath(path)), baseName(path), path, 0)
    known.set(path, folder)
    return folder
  }
  return paths.filter((path) => isWithin(path, start.path)).map(folderAt)
}

const quiet = { throwIfNoEntry: false } as const

/** The proof of `plain-paths.ts`, for many folders of one tree at once. */
export interface BatchProof {
  /** Looks at a folder. Whether a plain path to it may be used, provided that `holds` is true in the end. */
  approach(folder: WalkFolder): boolean
  holds(): boolean
}

/**
 * `needless`: links may lead anywhere, so plain paths are good. `possible`: plain paths, with a proof. `impossible`: this
 * file system gives no proof, so every folder is pinned.
 */
export type ProofKind = 'needless' | 'possible' | 'impossible'

const proofs: Readonly<Record<ProofKind, (batch: number) => BatchProof>> = {
  needless: () => ({ approach: (folder) => isFolder(folder, lstatSync(folder.disk, quiet)), holds: () => true }),
  possible: proveBatch,
  impossible: () => ({ approach: () => false, holds: () => true }),
}

export const proofFor = (kind: ProofKind, batch: number): BatchProof => proofs[kind](batch)

function isFolder(folder: WalkFolder, stats: Stats | undefined): boolean {
  if (!stats || !isDirectory(stats)) return false
  folder.isLarge = isLargeDirectory(stats)
  return true
}

function proveBatch(batch: number): BatchProof {
  const passed: WalkFolder[] = []

  function look(folder: WalkFolder): Stats | undefined {
    if (folder.seenIn !== batch) {
      folder.stats = lstatSync(folder.disk, quiet)
      folder.seenIn = batch
    }
    return folder.stats
  }

  /** Whether the way leads through `folder` for sure, and nothing can be swapped in it unseen. */
  function pass(folder: WalkFolder): boolean {
    if (folder.passedIn === batch) return true
    if (folder.above && !pass(folder.above)) return false
    const stats = look(folder)
    if (!stats || !isDirectory(stats) || !isSettled(stats) || isMount(folder, stats)) return false
    folder.passedIn = batch
    passed.push(folder)
    return true
  }

  return {
    approach(folder) {
      if (folder.above && !pass(folder.above)) return false
      const stats = look(folder)
      return isFolder(folder, stats) && stats !== undefined && !isMount(folder, stats)
    },
    holds: () =>
      passed.every(({ disk, stats }) => {
        const now = lstatSync(disk, quiet)
        return now && stats && isSameInode(now, stats) && now.ctimeMs === stats.ctimeMs
      }),
  }
}

/** Another file system below the root may not keep change times as the root's does. */
const isMount = ({ above }: WalkFolder, stats: Stats): boolean =>
  above?.stats !== undefined && above.stats.dev !== stats.dev
