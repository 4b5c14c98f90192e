import { inTurn, type LocalAccess, StorageError, type StoragePath } from '@filegate/core'
import type { ContentStore } from './content-store.ts'
import type { DigestQueue } from './digest-queue.ts'
import type { JournalOperation } from './entry.ts'
import type { Excluded } from './excluded.ts'
import type { JournalStore } from './journal-store.ts'
import type { Change } from './observation.ts'
import { foundOf, type Snapshot, takeSnapshot } from './snapshot.ts'

export interface RecorderParts {
  /** The served folder, all of it. */
  readonly local: LocalAccess
  readonly store: JournalStore
  readonly content: ContentStore
  readonly digests: DigestQueue
  readonly isExcluded: Excluded
  /** Bytes that a file may have for its content to be kept. */
  readonly mostKept: number
  readonly report: (error: unknown) => void
}

export interface Look {
  readonly path: StoragePath
  /** What a request of ours did, where that says more than the difference does. */
  readonly op?: JournalOperation | undefined
  readonly source?: StoragePath | undefined
  readonly dest?: StoragePath | undefined
  readonly reason?: string | undefined
}

/** Enters into the journal what is different on disk from what was known. Nothing is entered twice. */
export interface Recorder {
  /** Resolves once what stands at the path is in the journal. */
  look(look: Look): Promise<void>
  /** As `look`, unless nothing has changed as far as size and times tell. */
  catchUp(path: StoragePath, reason: string): Promise<void>
  /** Something stands at `to` that stood at `from`. */
  moved(from: StoragePath, to: StoragePath, reason?: string): Promise<void>
  enter(changes: readonly Change[]): Promise<void>
  /** Since the start. */
  tally(): Tally
}

export interface Tally {
  /** Whether the last changes could be entered. */
  readonly isHealthy: boolean
  /** Looks at files that kept changing. */
  readonly notFollowed: number
  /** Contents that could not be kept. */
  readonly notKept: number
}

export function createRecorder(parts: RecorderParts): Recorder {
  const { local, store, content, digests, isExcluded, mostKept, report } = parts
  const turns = inTurn()
  const tally = { isHealthy: true, notFollowed: 0, notKept: 0 }

  async function enter(changes: readonly Change[]): Promise<void> {
    try {
      await store.enter(changes)
      tally.isHealthy = true
    } catch (error) {
      tally.isHealthy = false
      throw error
    }
  }

  /** Enters what was seen, with its content in safety first. */
  async function enterSeen({ path, ...how }: Look, seen: Snapshot | undefined): Promise<void> {
    const at = Date.now()
    if (!seen) return enter([{ path, at, ...how }])
    const { found, bytes } = seen
    const { hash } = found
    if (bytes === undefined || hash === null) {
      await enter([{ path, at, found, ...how }])
      if (found.kind === 'file' && hash === null && found.etag !== null) digests.later(path, found.etag)
      return
    }
    const release = content.hold(hash)
    try {
      const kept = await isKept(hash, bytes, path)
      await enter([{ path, at, found, kept, ...how }])
    } finally {
      release()
    }
  }

  function snapshotOf(path: StoragePath): Snapshot | 'busy' | undefined {
    try {
      return takeSnapshot(local, path, mostKept)
    } catch (error) {
      if (StorageError.is(error, 'Conflict')) return 'busy'
      if (!StorageError.is(error, 'AccessDenied')) throw error
      // It stands there, and that is all there is to know.
      return { found: { ...foundOf(local.stat(path), null), etag: null } }
    }
  }

  async function isKept(hash: string, bytes: Uint8Array, path: StoragePath): Promise<boolean> {
    try {
      await content.put(hash, bytes)
      return true
    } catch (error) {
      tally.notKept += 1
      report(new Error(`The journal could not keep the content of /${path}.`, { cause: error }))
      return false
    }
  }

  async function lookNow(look: Look): Promise<void> {
    const seen = snapshotOf(look.path)
    if (seen !== 'busy') return enterSeen(look, seen)
    tally.notFollowed += 1
    // Somebody writes to it all the time; the watcher comes back to it when that is over.
    report(new StorageError('Conflict', `The journal could not follow /${look.path}, which keeps changing.`))
  }

  async function isKnown(path: StoragePath): Promise<boolean> {
    const known = await store.reading
      .selectFrom('journal_place')
      .select(['kind', 'etag'])
      .where('path', '=', path)
      .executeTakeFirst()
    const now = snapshotWithoutContent(path)
    if (!now) return !known || known.kind === 'gone'
    return known?.kind === now.kind && known.etag === now.etag
  }

  function snapshotWithoutContent(path: StoragePath): ReturnType<typeof foundOf> | undefined {
    try {
      return foundOf(local.stat(path), null)
    } catch (error) {
      if (StorageError.is(error, 'NotFound')) return undefined
      throw error
    }
  }

  const included = (path: StoragePath): boolean => path !== '' && !isExcluded(path)

  return {
    async look(look) {
      if (included(look.path)) await turns(look.path, () => lookNow(look))
    },
    async catchUp(path, reason) {
      if (!included(path)) return
      await turns(path, async () => {
        if (!(await isKnown(path))) await lookNow({ path, reason })
      })
    },
    async moved(from, to, reason) {
      const seen = included(to) ? snapshotWithoutContent(to) : undefined
      const at = Date.now()
      if (seen && included(from)) return enter([{ from, to, found: seen, at, reason }])
      if (included(from)) await enter([{ path: from, at, reason, dest: to }])
      if (seen) await lookNow({ path: to, reason })
    },
    enter,
    tally: () => ({ ...tally }),
  }
}
