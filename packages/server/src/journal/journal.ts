import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type LocalAccess, type LocalChanges, root, type StorageDriver, type StoragePath } from '@filegate/core'
import { type ContentDriver, type ContentStore, createContentStore } from './content-store.ts'
import { createDigestQueue } from './digest-queue.ts'
import { compileExcluded } from './excluded.ts'
import { type JournalStats, statsOf } from './journal-stats.ts'
import { journaledChanges } from './journaled-changes.ts'
import { byOthers } from './follow.ts'
import { openJournalStore } from './journal-store.ts'
import { openKeeper } from './keeper.ts'
import type { Found } from './place.ts'
import { createQueries, type Queries } from './queries.ts'
import { createRecorder, foundAt } from './recorder.ts'
import type { JournalSettings } from '../settings.ts'
import { createRetention } from './retention.ts'
import { createSurvey } from './survey.ts'

export interface JournalParts {
  /** The served folder, all of it. */
  readonly storage: StorageDriver & { hash: NonNullable<StorageDriver['hash']> }
  readonly local: LocalAccess
  /** Where contents are kept. */
  readonly content: ContentDriver
  /** Absolute path of our own folder. */
  readonly dataDirectory: string
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
  stats(): Promise<JournalStats>
  close(): Promise<void>
}

/** Milliseconds that an unneeded content stays where another process may be about to enter it. */
const sharedGrace = 60_000

/** @throws Error naming the file when the journal cannot be opened */
export async function openJournal(parts: JournalParts): Promise<Journal> {
  const { storage, local, dataDirectory, settings, isShared, report, say } = parts
  const store = await openJournalStore(dataDirectory, (path) => folderAt(local, path))
  const content = createContentStore(parts.content)
  const isExcluded = compileExcluded({
    globs: settings.exclude,
    ignoresDevelopmentFolders: settings.ignoresDevelopmentFolders,
  })
  const digests = createDigestQueue({
    local,
    store,
    report,
    digest: (path, signal) => storage.hash(path, { algorithm: 'sha256', signal }),
  })
  const recorder = createRecorder({ local, store, content, digests, isExcluded, mostKept: settings.mostKept, report })
  const surveyed = { storage, local, store, recorder, isExcluded }
  const retention = createRetention({ store, content, rules: settings.retention, grace: isShared ? sharedGrace : 0 })
  const lock = join(dataDirectory, 'journal-keeper.lock')
  const keeper = openKeeper({ ...surveyed, digests, retention, lock, report, say })
  const survey = createSurvey(surveyed)
  return {
    queries: createQueries(store.reading),
    content,
    journaled: (changes) => journaledChanges(changes, { storage, local, recorder, survey }),
    arrived: (path) => survey.paths([path], {}),
    async flush() {
      const isKept = await keeper.flush()
      if (!isKept) await survey.tree(root, { reason: byOthers })
      await digests.idle()
    },
    stats: () =>
      statsOf(store.reading, { tally: recorder.tally, bytesOfTables: bytesOf(join(dataDirectory, 'journal.sqlite')) }),
    async close() {
      await keeper.close()
      await digests.close()
      await store.close()
      await parts.content.close?.()
    },
  }
}

function bytesOf(path: string): number {
  return [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0)
}

function folderAt(local: LocalAccess, path: StoragePath): Found | undefined {
  const found = foundAt(local, path)
  return found?.kind === 'directory' ? found : undefined
}
