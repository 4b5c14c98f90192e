import type { TreeReader } from '@filegate/driver-local'
import type { StoragePath } from '@filegate/core'
import type { FolderMatcher } from './folder-matcher.ts'
import { createFolderQueue } from './folder-queue.ts'
import type { FoundEntries } from './found-entries.ts'
import type { FoundRows } from './found-rows.ts'
import type { GlobCrew } from './glob-crew.ts'
import { createLookQueue, type Looking, takeLooked } from './look-queue.ts'

/** Fewer than these are read, or looked at, sooner than another thread hears of it. */
const worthGiving = { folders: 8, looks: 64 } as const
/** Milliseconds before threads are started: small trees are searched by then. */
const headStart = 10

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
  enter(folder: StoragePath): void
  /** Looks at rows, to fill in their sizes and times. */
  look(rows: FoundRows, numbers: readonly number[]): void
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
  const answers: (() => void)[] = []
  const looks = createLookQueue()
  const folders = createFolderQueue(reader, (folder, text, isWhole) => {
    const { found, folders: below } = matcher.match(folder, text, isWhole)
    folders.add(below)
    if (found.places.length === 0) return
    if (!looksFirst) best.add(found)
    else looks.add({ entries: found, onLooked: (seen, offset) => best.add(found, seen, offset) })
  })

  const isWorthGiving = (): boolean => folders.unknown >= worthGiving.folders || looks.waiting >= worthGiving.looks

  function giveLooks(): void {
    const taken = looks.take()
    crew.give({ type: 'look', groups: taken.map(({ entries }) => entries) }, (answer) => {
      answers.push(() => answer.type === 'looked' && takeLooked(taken, answer))
      onProgress()
    })
  }

  function giveFolders(): void {
    const taken = folders.take()
    crew.give({ type: 'read', folders: taken }, (answer) => {
      answers.push(() => answer.type === 'read' && folders.takeIn(taken, answer.readings))
      onProgress()
    })
  }

  /** What threads would do, if there were any. */
  function help(): boolean {
    if (looks.waiting > 0) {
      const taken = looks.take()
      takeLooked(taken, reader.look(taken.map(({ entries }) => entries)))
    } else if (folders.unknown > 0) folders.readUnknownHere()
    else return false
    return true
  }

  return {
    enter: (folder) => folders.add([folder]),
    look: (rows, numbers) => lookingsAt(rows, numbers).forEach((looking) => looks.add(looking)),
    stopReading: () => folders.close(),
    employ() {
      if (!isWorthGiving()) return
      crew.gather(performance.now() - begun > headStart)
      while (crew.hasRoom() && isWorthGiving()) (looks.waiting >= worthGiving.looks ? giveLooks : giveFolders)()
    },
    step() {
      const answer = answers.shift()
      answer?.()
      if (answer || folders.readHere()) return true
      return crew.size > 0 && isWorthGiving() ? false : help()
    },
    get isDone() {
      return folders.isEmpty && looks.waiting + answers.length + crew.underWay === 0
    },
  }
}

/** What is to be looked at, folder by folder. */
function lookingsAt(rows: FoundRows, numbers: readonly number[]): Looking[] {
  return [...Map.groupBy(numbers, rows.source)].map(([{ folder, text }, group]) => ({
    entries: { folder, text, places: group.map(rows.place) },
    onLooked({ sizes, times }, offset) {
      for (const [at, row] of group.entries()) rows.see(row, sizes[offset + at], times[offset + at])
    },
  }))
}
