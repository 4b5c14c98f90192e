import { hash as digestOf } from 'node:crypto'
import { type FileEntry, inTurn, type LocalAccess, StorageError, type StoragePath } from '@filegate/core'
import type { ContentStore } from './content-store.ts'
import type { DigestQueue } from './digest-queue.ts'
import type { JournalOperation } from './entry.ts'
import type { Excluded } from './excluded.ts'
import type { JournalStore } from './journal-store.ts'
import { beforehand, notEntered } from './not-entered.ts'
import { createLatelyEntered, type LatelyEntered } from './lately-entered.ts'
import { createMovesUnderWay, type MovesUnderWay } from './moves-under-way.ts'
import type { Change } from './observation.ts'
import type { Found, Place } from './place.ts'
import { withoutContent } from './why-not-kept.ts'
import { foundAt, foundOf, type Snapshot, takeSnapshot } from './snapshot.ts'

export interface RecorderParts {
  /** The served folder, all of it. */
  readonly local: LocalAccess
  readonly store: JournalStore
  readonly content: ContentStore
  readonly digests: DigestQueue
  readonly isExcluded: Excluded
  /** Bytes that a file may have for its content to be kept. */
  readonly mostKept: number
  /** Whether other processes write to the same journal. */
  readonly isShared: boolean
  readonly report: (error: unknown) => void
}

export interface Look {
  readonly path: StoragePath
  /** What a request of ours did, where that says more than the difference does. */
  readonly op?: JournalOperation | undefined
  readonly source?: StoragePath | undefined
  readonly dest?: StoragePath | undefined
  readonly reason?: string | undefined
  /** Nothing stood here before, whatever the journal believes; says why it is entered that it is gone. */
  readonly wasFree?: string | undefined
  /** When a request of ours began with what it did: who saw it meanwhile took it for the doing of another program. Unix milliseconds. */
  readonly began?: number | undefined
  /** For who is under way at the path: it does not wait for itself. */
  readonly isOurs?: boolean | undefined
  /** Something of which nothing was known a moment ago: somebody else may have entered it since. */
  readonly isNews?: boolean | undefined
}

/** Since the start. */
export interface Tally {
  /** Whether the last changes could be entered. */
  isHealthy: boolean
  /** Looks at files that kept changing. */
  notFollowed: number
  /** Contents that could not be kept. */
  notKept: number
}

/** Enters into the journal what is different on disk from what was known. Nothing is entered twice. */
export interface Recorder {
  /** Resolves once what stands at the path is in the journal. */
  look(look: Look): Promise<void>
  /** As `look`, unless nothing has changed as far as size and times tell. */
  catchUp(path: StoragePath, reason: string): Promise<void>
  /** Whether the journal has what stands at a path, as far as memory can tell: without a question to the database. */
  hasLately(path: StoragePath): boolean
  /**
   * Writes a file with these bytes, and enters just that: it is not read again. For who alone writes to the journal, since nobody
   * may enter a later state meanwhile.
   */
  written(path: StoragePath, bytes: Uint8Array, reason: string, write: () => Promise<FileEntry>): Promise<FileEntry>
  /** Something stands at `to` that stood at `from`. */
  moved(from: StoragePath, to: StoragePath, reason?: string): Promise<void>
  enter(changes: readonly Change[]): Promise<void>
  /** Resolves once everything is entered of what whole folders went through that have to do with these paths. */
  finished(paths: readonly StoragePath[]): Promise<void>
  /** Looks wait for these. What a move changes has to be on its way into the journal when it ends. */
  readonly underWay: MovesUnderWay
  readonly tally: Readonly<Tally>
}

interface Recording extends RecorderParts {
  readonly underWay: MovesUnderWay
  readonly tally: Tally
  readonly lately: LatelyEntered
}

export function createRecorder(parts: RecorderParts): Recorder {
  const underWay = createMovesUnderWay()
  const tally: Tally = { isHealthy: true, notFollowed: 0, notKept: 0 }
  const recording: Recording = { ...parts, underWay, tally, lately: createLatelyEntered() }
  const { local, store, isExcluded, lately, mostKept } = recording
  const turns = inTurn()
  const isFollowed = (path: StoragePath): boolean => path !== '' && !isExcluded(path)

  /**
   * Works alone at a path, while nothing of ours is under way there. That is waited for outside of the turn, as whoever is under way
   * may need it at the end.
   */
  async function alone<Result>(path: StoragePath, work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      for (let way = underWay.at([path]); way; way = underWay.at([path])) await way
      const done = await turns(path, async () => (underWay.at([path]) ? undefined : { result: await work() }))
      if (done) return done.result
    }
  }

  return {
    underWay,
    tally,
    enter: (changes) => enter(recording, changes),
    finished: (paths) => finished(recording, paths),
    async look(look) {
      const { path, isOurs, isNews } = look
      if (!isFollowed(path)) return
      const work = async (): Promise<void> => {
        if (!isNews || !(await isEntered(recording, path, foundAt(local, path)))) await lookNow(recording, look)
      }
      await (isOurs ? turns(path, work) : alone(path, work))
    },
    async catchUp(path, reason) {
      if (!isFollowed(path)) return
      await alone(path, async () => {
        if (!(await isKnown(recording, path))) await lookNow(recording, { path, reason })
      })
    },
    hasLately: (path) => lately.has(path, foundAt(local, path)),
    async written(path, bytes, reason, write) {
      if (!isFollowed(path)) return write()
      const work = async (): Promise<FileEntry> => {
        const isFree = !foundAt(local, path)
        if (!isFree)
          await beforehand(async () => {
            if (!(await isKnown(recording, path))) await lookNow(recording, { path, reason })
          })
        const entry = await write()
        const look = isFree ? { path, wasFree: reason } : { path }
        // Somebody may have led the path elsewhere meanwhile, or changed the file again.
        const isThere = foundAt(local, path)?.etag === entry.etag
        if (bytes.length > mostKept || !isThere) await lookNow(recording, look)
        else await enterSeen(recording, look, { found: foundOf(entry, digestOf('sha256', bytes)), bytes })
        return entry
      }
      return store.entering(() => alone(path, work))
    },
    async moved(from, to, reason) {
      const found = isFollowed(to) ? foundAt(local, to) : undefined
      const at = Date.now()
      if (found && isFollowed(from)) return enter(recording, [{ from, to, found, at, reason }])
      if (isFollowed(from)) await enter(recording, [{ path: from, at, reason, dest: to }])
      if (found) await lookNow(recording, { path: to, reason })
    },
  }
}

async function enter({ store, tally, lately }: Recording, changes: readonly Change[]): Promise<void> {
  try {
    await store.enter(changes)
    tally.isHealthy = true
    for (const change of changes) lately.note(change)
  } catch (cause) {
    tally.isHealthy = false
    throw notEntered(cause)
  }
}

async function finished({ store, tally }: Recording, paths: readonly StoragePath[]): Promise<void> {
  try {
    await store.finished(paths)
  } catch (cause) {
    tally.isHealthy = false
    throw notEntered(cause)
  }
}

async function lookNow(recording: Recording, look: Look): Promise<void> {
  const { tally, report } = recording
  const seen = snapshotAt(recording, look.path)
  if (seen !== 'busy') return enterSeen(recording, look, seen)
  tally.notFollowed += 1
  // Somebody writes to it all the time; the watcher comes back to it when that is over.
  report(new StorageError('Conflict', `The journal could not follow /${look.path}, which keeps changing.`))
}

function snapshotAt({ local, mostKept }: Recording, path: StoragePath): Snapshot | 'busy' | undefined {
  try {
    return takeSnapshot(local, path, mostKept)
  } catch (error) {
    if (StorageError.is(error, 'Conflict')) return 'busy'
    if (!StorageError.is(error, 'AccessDenied')) throw error
    // It stands there, and that is all there is to know.
    return { found: { ...foundOf(local.stat(path), null), etag: null } }
  }
}

/** Enters what was seen, with its content in safety first. */
async function enterSeen(
  recording: Recording,
  { path, op, source, dest, reason: why, wasFree, began }: Look,
  seen: Snapshot | undefined,
): Promise<void> {
  const { content, digests } = recording
  const how = { op, source, dest, reason: why, wasFree, began }
  const at = Date.now()
  if (!seen) return enter(recording, [{ path, at, ...how }])
  const { found, bytes } = seen
  const { hash } = found
  if (bytes === undefined || hash === null) {
    await enter(recording, [{ path, at, found, ...how }])
    if (found.kind === 'file' && hash === null && found.etag !== null) digests.later(path, found.etag)
    return
  }
  const release = content.hold(hash)
  try {
    const kept = await isKept(recording, hash, bytes, path)
    const reason = kept ? how.reason : withoutContent(how.reason)
    await enter(recording, [{ path, at, found, kept, ...how, reason }])
  } finally {
    release()
  }
}

async function isKept(recording: Recording, hash: string, bytes: Uint8Array, path: StoragePath): Promise<boolean> {
  const { content, tally, report } = recording
  try {
    await content.put(hash, bytes)
    return true
  } catch (error) {
    tally.notKept += 1
    report(new Error(`The journal could not keep the content of /${path}.`, { cause: error }))
    return false
  }
}

async function isKnown({ store, local, lately, isShared }: Recording, path: StoragePath): Promise<boolean> {
  const now = foundAt(local, path)
  // A database elsewhere is asked all the same: while it is away, nothing shall be changed that cannot be entered.
  if (!isShared && lately.has(path, now)) return true
  return isEntered({ store }, path, now)
}

/** What was deleted and comes back by a rename has the etag that it had: only the journal tells whether it is known. */
async function isEntered(
  { store }: Pick<RecorderParts, 'store'>,
  path: StoragePath,
  now: Found | undefined,
): Promise<boolean> {
  const known: Pick<Place, 'kind' | 'etag'> | undefined = await store.reading
    .selectFrom('journal_place')
    .select(['kind', 'etag'])
    .where('path', '=', path)
    .executeTakeFirst()
  if (!now) return !known || known.kind === 'gone'
  return known?.kind === now.kind && known.etag === now.etag
}
