import type { StoragePath } from '@filegate/core'
import type { FolderText, SizesAndTimes, TreeReader } from '@filegate/driver-local'
import type { FolderMatcher } from './folder-matcher.ts'
import type { FoundEntries, FoundEntry } from './found-entries.ts'
import type { GlobCrew } from './glob-crew.ts'

/** Folders in an order to a thread, and in a batch of our own. */
const mostFolders = 32
/** Entries in an order to look at them. */
const mostLooks = 512
/** Fewer than these are read, or looked at, sooner than another thread hears of it. */
const worthGiving = { folders: 8, looks: 64 } as const
/** Milliseconds before threads are started: small trees are searched by then. */
const headStart = 10

/** Entries of one folder that are to be looked at, and what is then done with them. */
interface Looking {
  readonly folder: StoragePath
  readonly names: readonly string[]
  readonly onLooked: (seen: SizesAndTimes, offset: number) => void
}

export interface GlobSearchParts {
  readonly reader: TreeReader
  readonly matcher: FolderMatcher
  readonly crew: GlobCrew
  readonly best: FoundEntries
  /** Whether the order depends on what is seen of an entry. */
  readonly looksFirst: boolean
  /** Called when a thread has answered. */
  readonly onProgress: () => void
}

/** What is left to do of a search, and who does it. */
export interface GlobSearch {
  enter(folders: readonly StoragePath[]): void
  /** Looks at entries, to fill in their sizes and times. */
  look(entries: readonly FoundEntry[]): void
  /** No further folder is read; what has matched so far is still looked at. */
  stopReading(): void
  /** Gives threads what is worth giving. */
  employ(): void
  /** Does a little of what is not left to threads. False when there is nothing. */
  step(): boolean
  readonly isDone: boolean
}

export function createGlobSearch({ reader, matcher, crew, best, looksFirst, onProgress }: GlobSearchParts): GlobSearch {
  const begun = performance.now()
  /** Folders to be read: what they hold is known, or is not, or has to be read in parts. */
  const known: StoragePath[] = []
  const unknown: StoragePath[] = []
  const large: StoragePath[] = []
  let parts: { readonly folder: StoragePath; readonly texts: Generator<FolderText, void>; isFirst: boolean } | undefined
  const looks: Looking[] = []
  let looksWaiting = 0
  const answers: (() => void)[] = []
  let isReading = true

  function enter(folders: readonly StoragePath[]): void {
    if (isReading) for (const folder of folders) (reader.knows(folder) ? known : unknown).push(folder)
  }

  function lookAt(looking: Looking): void {
    looks.push(looking)
    looksWaiting += looking.names.length
  }

  function take(folder: StoragePath, text: FolderText, isWhole: boolean): void {
    const { found, folders } = matcher.match(folder, text, isWhole)
    enter(folders)
    if (found.length === 0) return
    if (!looksFirst) return found.forEach((entry) => best.add(entry))
    const onLooked = (seen: SizesAndTimes, offset: number): void => {
      describe(found, seen, offset)
      // What is gone meanwhile has no place in the order.
      for (const entry of found) if (entry.modified !== undefined) best.add(entry)
    }
    lookAt({ folder, names: found.map(({ name }) => name), onLooked })
  }

  function takeReadings(folders: readonly StoragePath[], readings: ReturnType<TreeReader['read']>): void {
    for (const [place, reading] of readings.entries()) {
      const folder = folders[place]
      if (folder === undefined || !isReading) continue
      reader.remember(folder, reading)
      if (reading.isLarge) large.push(folder)
      else if (reading.text !== undefined) take(folder, reading.text, true)
    }
  }

  function takeLooks(): Looking[] {
    let count = 0
    const taken: Looking[] = []
    while (count < mostLooks) {
      const looking = looks.pop()
      if (!looking) break
      taken.push(looking)
      count += looking.names.length
    }
    looksWaiting -= count
    return taken
  }

  function takeLooked(taken: readonly Looking[], seen: SizesAndTimes): void {
    let offset = 0
    for (const { names, onLooked } of taken) {
      onLooked(seen, offset)
      offset += names.length
    }
  }

  function readHere(from: StoragePath[]): void {
    const folders = from.splice(-mostFolders)
    const readings = reader.read(folders, performance.now() + 1)
    from.push(...folders.slice(readings.length))
    takeReadings(folders, readings)
  }

  function readPart(): boolean {
    const folder = parts ? undefined : large.pop()
    if (folder !== undefined) parts = { folder, texts: reader.readInParts(folder), isFirst: true }
    if (!parts) return false
    const { value, done } = parts.texts.next()
    if (!done) take(parts.folder, value, false)
    else parts = undefined
    return true
  }

  const isWorthGiving = (): boolean => unknown.length >= worthGiving.folders || looksWaiting >= worthGiving.looks

  function giveLooks(): void {
    const taken = takeLooks()
    crew.give({ type: 'look', groups: taken.map(({ folder, names }) => ({ folder, names })) }, (answer) => {
      answers.push(() => answer.type === 'looked' && takeLooked(taken, answer))
      onProgress()
    })
  }

  function giveFolders(): void {
    const folders = unknown.splice(-Math.min(mostFolders, Math.ceil(unknown.length / 4)))
    crew.give({ type: 'read', folders }, (answer) => {
      answers.push(() => answer.type === 'read' && takeReadings(folders, answer.readings))
      onProgress()
    })
  }

  return {
    enter,
    look(entries) {
      for (const [folder, group] of Map.groupBy(entries, (entry) => entry.folder)) {
        const onLooked = (seen: SizesAndTimes, offset: number): void => describe(group, seen, offset)
        lookAt({ folder, names: group.map(({ name }) => name), onLooked })
      }
    },
    stopReading() {
      isReading = false
      for (const folders of [known, unknown, large]) folders.length = 0
      parts?.texts.return()
      parts = undefined
    },
    employ() {
      if (!isWorthGiving()) return
      crew.gather(performance.now() - begun > headStart)
      while (crew.hasRoom() && isWorthGiving()) (looksWaiting >= worthGiving.looks ? giveLooks : giveFolders)()
    },
    step() {
      const answer = answers.shift()
      if (answer) answer()
      else if (known.length > 0) readHere(known)
      else if (readPart()) return true
      else if (crew.size > 0 && isWorthGiving()) return false
      else if (looks.length > 0) {
        const taken = takeLooks()
        takeLooked(taken, reader.look(taken))
      } else if (unknown.length > 0) readHere(unknown)
      else return false
      return true
    },
    get isDone() {
      const waiting = known.length + unknown.length + large.length + looks.length + answers.length + crew.underWay
      return waiting === 0 && !parts
    },
  }
}

function describe(entries: readonly FoundEntry[], { sizes, times }: SizesAndTimes, offset: number): void {
  for (const [place, entry] of entries.entries()) {
    entry.size = known(sizes[offset + place])
    entry.modified = known(times[offset + place])
  }
}

const known = (value = Number.NaN): number | undefined => (Number.isNaN(value) ? undefined : value)
