import type { StoragePath } from '@filegate/core/path'
import { lstatSync, type Stats } from 'node:fs'
import { admitsWithin } from './admits.ts'
import { childPlace } from './directory-names.ts'
import { needsBytes } from './disk-name.ts'
import { ifThere } from './errno.ts'
import { isDirectory, isFile, isLargeDirectory } from './facts.ts'
import { type FolderText, nameAt } from './folder-text.ts'
import { type FolderStamp, isLasting, type KnownFolders } from './known-folders.ts'
import { locatorFor, type OpenedDirectory } from './locator.ts'
import { isSameInode } from './plain-paths.ts'
import { readFolder, readFolderInParts } from './read-folder.ts'
import { asStorageError } from './storage-error.ts'
import { foldersAt, type ProofKind, proofFor, type WalkFolder, type WalkStart } from './walk-folder.ts'

/** A tree below some directory, as `openTree` describes it. It can be sent to other threads, which read it as well. */
export interface TreeTask extends WalkStart {
  readonly followsSymlinks: boolean
  readonly within: readonly StoragePath[] | undefined
  readonly proof: ProofKind
  /** The device on which folders can be known again by their change times; undefined where they cannot. */
  readonly device: number | undefined
}

export interface FolderReading {
  /** Undefined where there is nothing to be read, or only in parts. */
  readonly text: FolderText | undefined
  /** Too large to be read in one go: `readInParts` does it. */
  readonly isLarge: boolean
  /** By which the folder is known again, if what was read now can be trusted later. */
  readonly stamp: FolderStamp | undefined
}

/** Some of what a folder holds. */
export interface EntriesInFolder {
  readonly folder: StoragePath
  readonly text: FolderText
  /** Where each of the entries begins in the text. */
  readonly places: readonly number[]
}

/** By position; NaN where there is none. */
export interface SizesAndTimes {
  /** Bytes of a file. */
  readonly sizes: Float64Array<ArrayBuffer>
  /** Unix time in milliseconds of a file or directory that is there. */
  readonly times: Float64Array<ArrayBuffer>
}

/**
 * Reads folders of a tree, blocking the thread. What is gone, or is closed to us, counts as empty. A folder that is
 * swapped for a link meanwhile leads nowhere: nothing outside the root is reported.
 */
export interface TreeReader {
  /** What folders hold: of the first at least, and of more until it is that late by `performance.now()`. */
  read(folders: readonly StoragePath[], until?: number): readonly FolderReading[]
  /** A large folder, held open meanwhile. */
  readInParts(folder: StoragePath): Generator<FolderText, void, undefined>
  /** Looks at entries without following them. */
  look(groups: readonly EntriesInFolder[]): SizesAndTimes
  /** Whether what a folder holds may be known, so that reading it takes next to no time. */
  knows(folder: StoragePath): boolean
  /** What was read in another thread. */
  remember(folder: StoragePath, reading: FolderReading): void
}

/** Entries of a large folder that are read at a time. */
const largePart = 1024

const nothing: FolderReading = { text: undefined, isLarge: false, stamp: undefined }
const quiet = { throwIfNoEntry: false } as const

interface Tree {
  readonly task: TreeTask
  readonly known: KnownFolders | undefined
  readonly openDirectory: ReturnType<typeof locatorFor>['openDirectory']
  readonly find: ReturnType<typeof locatorFor>['find']
}

export function treeReader(task: TreeTask, known?: KnownFolders): TreeReader {
  const { root, followsSymlinks, within, disk } = task
  const locator = locatorFor(root, followsSymlinks, within && admitsWithin(within))
  // Bytes come from another thread without what Node adds to them.
  const own = { ...task, disk: typeof disk === 'string' ? disk : Buffer.from(disk) }
  const tree: Tree = { task: own, known, ...locator }
  return {
    read: (paths, until = Infinity) => guarded(task, () => read(tree, paths, until)),
    readInParts: (path) => readInParts(tree, path),
    look: (groups) => guarded(task, () => look(tree, groups)),
    knows: (path) => {
      const place = textPlace(own, path)
      return place !== undefined && known?.has(place) === true
    },
    remember(path, { text, stamp }) {
      const place = textPlace(own, path)
      if (place !== undefined && text !== undefined && stamp) known?.remember(place, stamp, text)
    },
  }
}

/** Where a folder is, unless that is no text. */
function textPlace({ path: start, disk }: TreeTask, path: StoragePath): string | undefined {
  if (typeof disk !== 'string' || needsBytes(path)) return undefined
  if (path === start) return disk
  const below = start === '' ? path : path.slice(start.length + 1)
  return disk.endsWith('/') ? disk + below : `${disk}/${below}`
}

function guarded<T>({ path }: TreeTask, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asStorageError(error, 'walk', path)
  }
}

function read(tree: Tree, paths: readonly StoragePath[], until: number): readonly FolderReading[] {
  const folders = foldersAt(tree.task, paths)
  const proof = proofFor(tree.task.proof)
  const readings: FolderReading[] = []
  for (const folder of folders) {
    if (readings.length > 0 && performance.now() > until) break
    const stats = folder && proof.approach(folder)
    readings.push(stats ? readPlain(tree, folder, stats) : readPinned(tree, folder))
  }
  // What was found by way of folders that moved is worth nothing; they are read again, the careful way.
  const proven = proof.holds() ? readings : readings.map((_, place) => readPinned(tree, folders[place]))
  for (const [place, { text, stamp }] of proven.entries()) {
    const disk = folders[place]?.disk
    if (text !== undefined && stamp && typeof disk === 'string') tree.known?.remember(disk, stamp, text)
  }
  return proven
}

function readPlain(tree: Tree, { disk }: WalkFolder, stats: Stats): FolderReading {
  const text = typeof disk === 'string' ? tree.known?.find(disk, stats) : undefined
  return text === undefined ? readAt(tree, disk, stats) : { ...nothing, text }
}

function readAt({ task }: Tree, disk: string | Buffer, stats: Stats): FolderReading {
  if (isLargeDirectory(stats)) return { ...nothing, isLarge: true }
  const stamp = stats.dev === task.device && isLasting(stats) ? stats : undefined
  return { text: ifThere(() => readFolder(disk)), isLarge: false, stamp }
}

const readPinned = (tree: Tree, folder: WalkFolder | undefined): FolderReading =>
  whilePinned(tree, folder, ({ stats, pinnedPath }) => readAt(tree, pinnedPath, stats)) ?? nothing

function* readInParts(tree: Tree, path: StoragePath): Generator<FolderText, void, undefined> {
  const [folder] = foldersAt(tree.task, [path])
  const directory = folder && pin(tree, folder)
  if (!directory) return
  try {
    for (const part of readFolderInParts(directory.pinnedPath, largePart)) {
      if (!isStillThere(tree, folder, directory)) return
      yield part
    }
  } finally {
    directory.close()
  }
}

type See = (position: number, stats: Stats) => void

function look(tree: Tree, groups: readonly EntriesInFolder[]): SizesAndTimes {
  const paths = groups.map(({ folder }) => folder)
  const folders = foldersAt(tree.task, paths)
  const proof = proofFor(tree.task.proof)
  const careful = (place: number, entries: EntriesInFolder, see: See): void => {
    const seen: [number, Stats][] = []
    const work = ({ pinnedPath }: OpenedDirectory): boolean => {
      seeAll(pinnedPath, entries, (...one) => seen.push(one))
      return true
    }
    if (whilePinned(tree, folders[place], work)) for (const one of seen) see(...one)
  }
  const found = lookInEach(groups, (place, entries, see) => {
    const folder = folders[place]
    if (folder && proof.approach(folder)) seeAll(folder.disk, entries, see)
    else careful(place, entries, see)
  })
  return proof.holds() ? found : lookInEach(groups, careful)
}

function lookInEach(
  groups: readonly EntriesInFolder[],
  lookIn: (place: number, entries: EntriesInFolder, see: See) => void,
): SizesAndTimes {
  const total = groups.reduce((sum, { places }) => sum + places.length, 0)
  const sizes = new Float64Array(total).fill(Number.NaN)
  const times = new Float64Array(total).fill(Number.NaN)
  let first = 0
  for (const [place, entries] of groups.entries()) {
    lookIn(place, entries, (position, stats) => {
      const isRegular = isFile(stats)
      if (!isRegular && !isDirectory(stats)) return
      if (isRegular) sizes[first + position] = stats.size
      times[first + position] = stats.mtimeMs
    })
    first += entries.places.length
  }
  return { sizes, times }
}

function seeAll(disk: string | Buffer, { text, places }: EntriesInFolder, see: See): void {
  for (const [position, place] of places.entries()) {
    const stats = ifThere(() => lstatSync(childPlace(disk, nameAt(text, place)), quiet))
    if (stats) see(position, stats)
  }
}

/** What `work` gives of a folder that is held open; undefined when there is none, or a link in its place. */
function whilePinned<T>(
  tree: Tree,
  folder: WalkFolder | undefined,
  work: (directory: OpenedDirectory) => T,
): T | undefined {
  const directory = folder && pin(tree, folder)
  if (!directory) return undefined
  try {
    const result = ifThere(() => work(directory))
    return isStillThere(tree, folder, directory) ? result : undefined
  } finally {
    directory.close()
  }
}

function pin({ openDirectory }: Tree, { disk }: WalkFolder): OpenedDirectory | undefined {
  const directory = ifThere(() => openDirectory(disk, () => undefined))
  if (!directory) return undefined
  if (isDirectory(directory.stats) && directory.realPath === disk.toString()) return directory
  directory.close()
  return undefined
}

/** What is not pinned is looked at once more after it was read. */
function isStillThere({ find }: Tree, { disk }: WalkFolder, { pinned, realPath, stats }: OpenedDirectory): boolean {
  if (pinned) return true
  const found = ifThere(() => find(disk))
  return found !== undefined && found.realPath === realPath && isSameInode(found.stats, stats)
}
