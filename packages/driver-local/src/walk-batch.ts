import { isWithin, joinPath, type StoragePath } from '@filegate/core'
import { realpathSync } from 'node:fs'
import type { Access } from './access.ts'
import { ifThere } from './errno.ts'
import { isDirectory, isLargeDirectory } from './facts.ts'
import type { OpenedDirectory } from './locator.ts'
import { isBelow, placeBelow } from './place.ts'
import { isSameInode, keepsChangeTimes } from './plain-paths.ts'
import { folderBelow, foldersBelow, proofFor, type ProofKind, startFolder, type WalkFolder } from './walk-folder.ts'
import { type Reading, readItems, readItemsInBatches } from './walk-items.ts'
import type { WalkItem, WalkOptions } from './walk.ts'

/** Milliseconds of work between two turns of the event loop. */
const sliceTime = 3
/** Folders read between two proofs that the tree stood still. */
const batchLimit = 128
/** Entries of a large folder that are read at a time. */
const largeBatchSize = 1024

export interface Walk {
  readonly access: Access
  readonly proof: ProofKind
  readonly options: WalkOptions
  readonly reports: Reading['reports']
  /** Folders yet to be read, the next one last. */
  pending: WalkFolder[]
  batch: number
}

export function beginWalk(access: Access, start: StoragePath, options: WalkOptions): Walk {
  const directory = access.pinDirectory(start)
  const reports = reporting(access, start, directory)
  directory.close()
  const { root, followsSymlinks } = access
  const { realPath } = directory
  // A real path that is not UTF-8 cannot be taken apart; the way there is walked as it was asked for.
  const isText = !realPath.includes('\uFFFD')
  const folder = isText ? startFolder(root, realPath, start) : startFolder(root, access.disk(start), start)
  const proof =
    followsSymlinks && !access.admits ? 'needless' : isText && keepsChangeTimes(root) ? 'possible' : 'impossible'
  const pending = options.from ? foldersBelow(folder, options.from) : [folder]
  return { access, proof, options, reports, pending, batch: 0 }
}

/** A walk enters no link, so below its start everything stands where its path says, counted from the place of the start. */
function reporting({ root, within, admits }: Access, start: StoragePath, { realPath, pinnedPath }: OpenedDirectory) {
  if (!admits || !isBelow(root, realPath)) return undefined
  const place = placeBelow(root, realPath, () => realpathSync.native(pinnedPath, 'buffer'))
  if (within?.some((open) => isWithin(place, open))) return undefined
  const above = start === '' ? 0 : start.length + 1
  return (path: StoragePath, kind: WalkItem['kind']): boolean =>
    admits(path.slice(above).split('/').reduce(joinPath, place), kind === 'directory' ? kind : 'file')
}

/** Reads the next folders. It stops at one that is too large to be read in one go, and leaves that as the next. */
export function walkBatch(walk: Walk): readonly WalkItem[] {
  const batch = ++walk.batch
  const proof = proofFor(walk.proof, batch)
  const read: WalkFolder[] = []
  const items: WalkItem[] = []
  const pause = performance.now() + sliceTime
  while (read.length < batchLimit && performance.now() < pause) {
    const folder = walk.pending.at(-1)
    if (!folder) break
    const isPlain = proof.approach(folder)
    if (folder.isLarge) break
    walk.pending.pop()
    read.push(folder)
    for (const item of isPlain ? readPlain(walk, folder) : readPinned(walk, folder)) items.push(item)
  }
  if (proof.holds()) return items
  // What was found by way of folders that moved is worth nothing; those known before are read again, the careful way.
  walk.pending = walk.pending.filter(({ foundIn }) => foundIn < batch)
  return read.filter(({ foundIn }) => foundIn < batch).flatMap((folder) => readPinned(walk, folder))
}

/** A large folder, held open meanwhile, in batches between which the caller lets others work. */
export function* walkLarge(walk: Walk, folder: WalkFolder): Generator<WalkItem[], void, undefined> {
  const directory = pinFolder(walk, folder)
  if (!directory) return
  try {
    for (const items of readItemsInBatches(readingOf(walk, folder, directory.pinnedPath), largeBatchSize)) {
      if (!isStillThere(walk, folder, directory)) return
      enter(walk, folder, items)
      yield items
    }
  } finally {
    directory.close()
  }
}

const readingOf = ({ options, reports }: Walk, { path }: WalkFolder, disk: string | Buffer): Reading => {
  return { path, disk, stat: options.stat, reports }
}

function readPlain(walk: Walk, folder: WalkFolder): readonly WalkItem[] {
  const items = ifThere(() => readItems(readingOf(walk, folder, folder.disk))) ?? []
  enter(walk, folder, items)
  return items
}

function readPinned(walk: Walk, folder: WalkFolder): readonly WalkItem[] {
  const directory = pinFolder(walk, folder)
  try {
    if (!directory) return []
    if (isLargeDirectory(directory.stats)) {
      folder.isLarge = true
      walk.pending.push(folder)
      return []
    }
    const items = ifThere(() => readItems(readingOf(walk, folder, directory.pinnedPath))) ?? []
    if (!isStillThere(walk, folder, directory)) return []
    enter(walk, folder, items)
    return items
  } finally {
    directory?.close()
  }
}

/** `undefined` when there is no such folder any more, or a link in its place. */
function pinFolder({ access }: Walk, { disk }: WalkFolder): OpenedDirectory | undefined {
  const directory = ifThere(() => access.locator.openDirectory(disk, () => undefined))
  if (!directory) return undefined
  if (isDirectory(directory.stats) && directory.realPath === disk.toString()) return directory
  directory.close()
  return undefined
}

/** What is not pinned is looked at once more after it was read. */
function isStillThere({ access }: Walk, { disk }: WalkFolder, { pinned, realPath, stats }: OpenedDirectory): boolean {
  if (pinned) return true
  const found = ifThere(() => access.locator.find(disk))
  return found !== undefined && found.realPath === realPath && isSameInode(found.stats, stats)
}

function enter(walk: Walk, folder: WalkFolder, items: readonly WalkItem[]): void {
  for (const { kind, name, path } of items) {
    if (kind !== 'directory' || walk.options.enter?.(path) === false) continue
    walk.pending.push(folderBelow(folder, name, path, walk.batch))
  }
}
