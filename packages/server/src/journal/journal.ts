import { type LocalAccess, type LocalChanges, root, type StorageDriver, type StoragePath } from '@filegate/core'
import { type ContentDriver, type ContentStore, createContentStore } from './content-store.ts'
import { createTotals } from './count-all.ts'
import { createDigestQueue } from './digest-queue.ts'
import { compileExcluded } from './excluded.ts'
import { type JournalStats, statsOf } from './journal-stats.ts'
import { journaledChanges } from './journaled-changes.ts'
import { byOthers } from './follow.ts'
import { createMovesElsewhere, noMovesElsewhere } from './moves-elsewhere.ts'
import { createJournalStore } from './journal-store.ts'
import type { JournalTables } from './journal-tables.ts'
import { openKeeper } from './keeper.ts'
import { longerThan } from './longer-than.ts'
import type { Found } from './place.ts'
import { createQueries, type Queries } from './queries.ts'
import { createRecorder } from './recorder.ts'
import type { JournalSettings } from '../settings.ts'
import { createRetention } from './retention.ts'
import { foundAt } from './snapshot.ts'
import { createSurvey } from './survey.ts'

export interface JournalParts {
  /** The served folder, all of it. */
  readonly storage: StorageDriver & { hash: NonNullable<StorageDriver['hash']> }
  readonly local: LocalAccess
  /** Where contents are kept. */
  readonly content: ContentDriver
  readonly tables: JournalTables
  readonly settings: JournalSettings
  /** Whether other processes write to the same journal. */
  readonly isShared: boolean
  readonly report: (error: unknown) => void
  readonly say: (message: string) => void
}

/** Every change of the served folder, and what files held before. */
export interface Journal {
  readonly queries: Queries
  readonly content: ContentStore
  /** The same changes, entered into the journal when they resolve. */
  journaled(changes: LocalChanges): LocalChanges
  /** Enters what a request of ours has put at a path, with all it holds. */
  arrived(path: StoragePath): Promise<void>
  /** Resolves once all that has happened on disk is in the journal. */
  flush(): Promise<void>
  /** Whether the last change that there was could be entered. */
  readonly isHealthy: boolean
  stats(): Promise<JournalStats>
  close(): Promise<void>
}

/** Milliseconds that an unneeded content stays where another process may be about to enter it. */
const sharedGrace = 60_000

/** Takes the tables and the contents over: they end with it. */
export function openJournal(parts: JournalParts): Journal {
  const { storage, local, tables, settings, isShared, report, say } = parts
  const store = createJournalStore(tables, (path) => folderAt(local, path))
  const content = createContentStore(parts.content)
  const isExcluded = longerThan(
    tables.longestPath,
    compileExcluded({ globs: settings.exclude, ignoresDevelopmentFolders: settings.ignoresDevelopmentFolders }),
    say,
  )
  const digests = createDigestQueue({
    local,
    store,
    report,
    digest: (path, signal) => storage.hash(path, { algorithm: 'sha256', signal }),
  })
  const recorder = createRecorder({
    local,
    store,
    content,
    digests,
    isExcluded,
    isShared,
    mostKept: settings.mostKept,
    report,
  })
  const movesElsewhere = isShared ? createMovesElsewhere({ store, report }) : noMovesElsewhere
  const surveyed = { storage, local, store, recorder, isExcluded, movesElsewhere }
  const retention = createRetention({ store, content, rules: settings.retention, grace: isShared ? sharedGrace : 0 })
  const keeper = openKeeper({ ...surveyed, digests, content, retention, lock: tables.keeperLock, report, say })
  const survey = createSurvey(surveyed)
  const totals = createTotals(store.reading)
  return {
    queries: createQueries({ store, mostKept: settings.mostKept }),
    content,
    journaled: (changes) => journaledChanges(changes, { ...surveyed, survey, isShared }),
    arrived: (path) => survey.tree(path, {}),
    async flush() {
      const isKept = await keeper.flush()
      if (!isKept) await survey.tree(root, { reason: byOthers })
      await store.finished([root])
      await digests.idle()
    },
    get isHealthy() {
      return recorder.tally.isHealthy
    },
    async stats() {
      const [counted, bytesOfTables] = [await totals(), await tables.bytes()]
      return statsOf(store.reading, { tally: recorder.tally, totals: counted, bytesOfTables })
    },
    async close() {
      await keeper.close()
      await digests.close()
      await store.close()
      await parts.content.close?.()
    },
  }
}

function folderAt(local: LocalAccess, path: StoragePath): Found | undefined {
  const found = foundAt(local, path)
  return found?.kind === 'directory' ? found : undefined
}
