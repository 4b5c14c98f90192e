import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LocalAccess, parsePath, root } from '@filegate/core'
import { tryLock } from '../state/sqlite-database.ts'
import type { DigestQueue } from './digest-queue.ts'
import { createFollow, type Follow } from './follow.ts'
import { type FolderWatch, openFolderWatch } from './folder-watch.ts'
import type { JournalStore } from './journal-store.ts'
import type { Retention } from './retention.ts'
import { createSurvey, type Survey, type SurveyParts } from './survey.ts'

export interface KeeperParts extends Omit<SurveyParts, 'watch'> {
  readonly local: LocalAccess
  readonly store: JournalStore
  readonly digests: DigestQueue
  readonly retention: Retention
  /** Absolute path of a file: of all processes with the same journal, who holds it is the keeper. */
  readonly lock: string
  readonly report: (error: unknown) => void
  readonly say: (message: string) => void
}

/**
 * Follows what other programs do, finds out at the start what happened while nobody did, and forgets what is old. One process
 * does that for all; when it ends, another one goes on.
 */
export interface Keeper {
  /** Resolves once all that was heard of is entered; false when another process is the keeper. */
  flush(): Promise<boolean>
  close(): Promise<void>
}

/** Milliseconds. */
const lookForLock = 1000
const heartbeat = 30_000
const surveyEvery = 10 * 60_000
const retentionEvery = 60 * 60_000
/** In which the system tells us of what has just happened. */
const hearing = 50

interface Keeping {
  readonly survey: Survey
  readonly watch: FolderWatch
  readonly follow: Follow
  readonly timers: readonly NodeJS.Timeout[]
  /** The first survey, and whatever has to be done in turn. */
  work: Promise<void>
  release(): void
}

export function openKeeper(parts: KeeperParts): Keeper {
  const { store, digests, retention, local, lock, report, say } = parts
  const closing = new AbortController()
  let keeping: Keeping | undefined
  let looking: NodeJS.Timeout | undefined

  function tryToKeep(): void {
    closeSync(openSync(lock, 'a', 0o600))
    const held = tryLock(lock)
    if (!held) return
    clearInterval(looking)
    keeping = keep(() => held.close())
  }

  function keep(release: () => void): Keeping {
    const watch = openFolderWatch({
      local,
      changed: (path) => follow.changed(path),
      failed: (error) =>
        say(
          `the journal cannot watch all folders (${error.message}); it looks every ${surveyEvery / 60_000} minutes. On Linux, fs.inotify.max_user_watches can be raised`,
        ),
    })
    const survey = createSurvey({ ...parts, watch })
    const follow: Follow = createFollow({ survey, report })
    const started: Keeping = { survey, watch, follow, timers: [], work: Promise.resolve(), release }
    const inTurn = (work: () => Promise<void>): void => {
      started.work = started.work.then(work).catch((error: unknown) => {
        if (!closing.signal.aborted) report(error)
      })
    }
    const every = (pause: number, work: () => Promise<void>): NodeJS.Timeout =>
      setInterval(() => inTurn(work), pause).unref()
    const lookAround = (): Promise<void> => survey.tree(root, { reason: 'by another program', signal: closing.signal })
    const forget = (): Promise<void> => retention.apply(Date.now())
    inTurn(() => start(survey))
    inTurn(forget)
    return Object.assign(started, {
      timers: [every(heartbeat, noteAlive), every(surveyEvery, lookAround), every(retentionEvery, forget)],
    })
  }

  /** What happened while nobody looked: the outcome can be seen, not the way to it. */
  async function start(survey: Survey): Promise<void> {
    const alive = await store.reading
      .selectFrom('journal_fact')
      .select('value')
      .where('name', '=', 'alive_at')
      .executeTakeFirst()
    const beforeFirst = async (): Promise<void> => {
      if (!alive || isNoted) return
      isNoted = true
      const since = new Date(Number(alive.value)).toISOString()
      const reason = `nobody watched since ${since}: of what happened in between, only the outcome is known`
      await store.enter([{ gap: root, at: Date.now(), reason }])
    }
    let isNoted = false
    await survey.tree(root, {
      reason: alive ? 'found at start' : 'found at first start',
      signal: closing.signal,
      beforeFirst,
    })
    await noteAlive()
    await digestTheRest()
  }

  async function noteAlive(): Promise<void> {
    const value = String(Date.now())
    await store.change((database) =>
      database
        .insertInto('journal_fact')
        .values({ name: 'alive_at', value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute(),
    )
  }

  /** Digests that were still to be found when the process before this one ended. */
  async function digestTheRest(): Promise<void> {
    const rows = await store.reading
      .selectFrom('journal_place')
      .select(['path', 'etag'])
      .where('kind', '=', 'file')
      .where('hash', 'is', null)
      .execute()
    for (const { path, etag } of rows) if (etag !== null) digests.later(parsePath(path), etag)
  }

  looking = setInterval(tryToKeep, lookForLock).unref()
  tryToKeep()
  return {
    async flush() {
      if (!keeping) return false
      await keeping.work
      await sleep(hearing)
      await keeping.follow.idle()
      return true
    },
    async close() {
      closing.abort()
      clearInterval(looking)
      if (!keeping) return
      for (const timer of keeping.timers) clearInterval(timer)
      keeping.watch.close()
      await keeping.follow.close()
      await keeping.work
      await noteAlive()
      keeping.release()
    },
  }
}
