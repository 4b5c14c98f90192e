import { setImmediate } from 'node:timers/promises'
import {
  type Entry,
  type LocalAccess,
  pages,
  parsePath,
  type StorageDriver,
  StorageError,
  type StoragePath,
} from '@filegate/core'
import type { Excluded } from './excluded.ts'
import type { FolderWatch } from './folder-watch.ts'
import type { JournalDatabase, JournalStore } from './journal-store.ts'
import type { Place } from './place.ts'
import { foundOf } from './snapshot.ts'

/** What is different on disk from what is known, before it is said what happened. */
export interface Differences {
  /** In no order. What a folder that is gone held need not be among them. */
  readonly departed: Map<StoragePath, Place>
  /** Each folder before what it holds. */
  readonly arrived: Map<StoragePath, Entry>
  readonly changed: Set<StoragePath>
  /** Folders that are new, or not watched: what they hold is still to be looked at. */
  readonly unseen: Set<StoragePath>
}

export const noDifferences = (): Differences => ({
  departed: new Map(),
  arrived: new Map(),
  changed: new Set(),
  unseen: new Set(),
})

export interface CompareParts {
  readonly storage: StorageDriver
  readonly local: Pick<LocalAccess, 'stat' | 'find'>
  readonly store: Pick<JournalStore, 'reading'>
  readonly isExcluded: Excluded
  /** Absent in a process that leaves watching to another one. */
  readonly watch?: Pick<FolderWatch, 'isWatched' | 'watch' | 'forget'> | undefined
}

export interface Compare {
  path(path: StoragePath, differences: Differences): Promise<void>
  /** Everything below a folder, but for folders that are new. `pause` is awaited after each folder. */
  below(folder: StoragePath, differences: Differences, pause: () => Promise<void>): Promise<void>
}

/** Places that are read in one statement, which takes some milliseconds. */
const together = 2000

/** Holds the disk against what is known. Contents are not read: size, times and inode have to tell. */
export function createCompare({ storage, local, store, isExcluded, watch }: CompareParts): Compare {
  /** Notes what is different in a folder, and gives the folders in it that were known. */
  async function inFolder(folder: StoragePath, differences: Differences): Promise<StoragePath[]> {
    // Watched before it is listed, so that nothing falls between the two.
    watch?.watch(folder)
    const known = await standingIn(store.reading, folder)
    const folders: StoragePath[] = []
    for await (const entry of pages<Entry>((page) => storage.list(folder, page), {})) {
      const { path } = entry
      if (isExcluded(path)) continue
      const place = known.get(path)
      note(path, place, entry, differences)
      known.delete(path)
      if (!isFolder(entry)) continue
      if (place?.kind === 'directory') folders.push(path)
      else differences.unseen.add(path)
    }
    for (const place of known.values()) {
      const path = parsePath(place.path)
      if (isExcluded(path)) continue
      differences.departed.set(path, place)
      watch?.forget(path)
    }
    return folders
  }

  /** Undefined for what is not there. */
  function entryAt(path: StoragePath): Entry | 'closed' | undefined {
    try {
      return local.stat(path)
    } catch (error) {
      if (!isPassing(error)) throw error
      return StorageError.is(error, 'AccessDenied') ? 'closed' : undefined
    }
  }

  return {
    async path(path, differences) {
      const place = await standing(store.reading).where('path', '=', path).executeTakeFirst()
      const entry = entryAt(path)
      if (entry === 'closed') return
      note(path, place, entry, differences)
      if (!entry || !isFolder(entry)) watch?.forget(path)
      else if (!place || watch?.isWatched(path) === false) differences.unseen.add(path)
    },
    async below(folder, differences, pause) {
      const waiting = [folder]
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        try {
          waiting.push(...(await inFolder(next, differences)))
        } catch (error) {
          if (!isPassing(error)) throw error
        }
        await pause()
        // Others get their turn on this thread.
        await setImmediate()
      }
    },
  }
}

const standing = (database: JournalDatabase) =>
  database.selectFrom('journal_place').selectAll().where('kind', '!=', 'gone')

/** What is known to stand in a folder, by path. */
async function standingIn(database: JournalDatabase, folder: StoragePath): Promise<Map<string, Place>> {
  const known = new Map<string, Place>()
  for (let after = ''; ; await setImmediate()) {
    const some = standing(database).where('parent', '=', folder).where('path', '>', after)
    const rows = await some.orderBy('path').limit(together).execute()
    for (const row of rows) known.set(row.path, row)
    const last = rows.at(-1)
    if (!last || rows.length < together) return known
    after = last.path
  }
}

function note(path: StoragePath, place: Place | undefined, entry: Entry | undefined, differences: Differences): void {
  if (!place && entry) differences.arrived.set(path, entry)
  else if (place && !entry) differences.departed.set(path, place)
  else if (place && entry && isDifferent(place, entry)) differences.changed.add(path)
}

const isFolder = (entry: Entry): boolean => entry.kind === 'directory' && entry.symlinkTarget === undefined

function isDifferent(place: Place, entry: Entry): boolean {
  const found = foundOf(entry, null)
  if (place.kind !== found.kind) return true
  // Only reading it can tell where a link leads now, and that is cheap.
  if (found.kind === 'link') return true
  const isOtherFile = found.kind === 'file' && place.etag !== found.etag
  return isOtherFile || place.mode !== found.mode || place.uid !== found.uid || place.gid !== found.gid
}

/** A folder may be gone since it was listed, and the one above it will tell; one that is closed to us stays as it is known. */
function isPassing(error: unknown): boolean {
  return StorageError.is(error) && ['NotFound', 'NotADirectory', 'AccessDenied'].includes(error.code)
}
