import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { type LocalAccess, root } from '@filegate/core'
import type { HeldLock, TryLock } from '../state/try-lock.ts'
import type { ContentStore } from './content-store.ts'
import type { DigestQueue } from './digest-queue.ts'
import type { SurveyParts } from './enter-differences.ts'
import { byOthers, createFollow, type Follow } from './follow.ts'
import { openFolderWatch } from './folder-watch.ts'
import type { JournalStore } from './journal-store.ts'
import type { Retention } from './retention.ts'
import { createSurvey } from './survey.ts'
import { noteAlive, surveyAtStart } from './survey-at-start.ts'

export interface KeeperParts extends Omit<SurveyParts, 'watch'> {
  readonly local: LocalAccess
  readonly store: JournalStore
  readonly digests: DigestQueue
  readonly content: ContentStore
  readonly retention: Retention
  /** Of all processes with the same journal, who holds it is the keeper. */
  readonly lock: TryLock
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

/** Made anew when the lock is got. */
interface Keeping {
  /** Resolves once what was heard of until now is entered. */
  caughtUp(): Promise<void>
  close(): Promise<void>
}

export function openKeeper(parts: KeeperParts): Keeper {
  const { lock, report } = parts
  let keeping: Keeping | undefined
  let isClosed = false
  let looking: NodeJS.Timeout | undefined
  let trying = Promise.resolve()
  const tryToKeep = async (): Promise<void> => {
    const held = await lock(() => void giveUp()).catch(report)
    if (held && isClosed) await held.release()
    else if (held) keeping = keep(parts, held)
    else if (!isClosed) looking = setTimeout(look, lookForLock).unref()
  }
  const look = (): void => {
    trying = tryToKeep()
  }
  /** The lock went away by itself: another process may be the keeper by now. */
  async function giveUp(): Promise<void> {
    await trying
    const lost = keeping
    keeping = undefined
    await lost?.close().catch(report)
    if (!isClosed) look()
  }
  look()
  return {
    async flush() {
      await trying
      await keeping?.caughtUp()
      return keeping !== undefined
    },
    async close() {
      isClosed = true
      clearTimeout(looking)
      await trying
      await keeping?.close()
    },
  }
}

/** The lock is released at the end: another process may go on then. */
function keep(parts: KeeperParts, held: HeldLock): Keeping {
  const { retention, local, report, say } = parts
  const closing = new AbortController()
  const watch = openFolderWatch({
    local,
    changed: (path) => follow.changed(path),
    failed: (error) => say(cannotWatch(error)),
  })
  const survey = createSurvey({ ...parts, watch })
  const follow: Follow = createFollow({ survey, underWay: parts.recorder.underWay, report })
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): void => {
    last = last.then(work).catch((error: unknown) => {
      if (!closing.signal.aborted) report(error)
    })
  }
  const every = (pause: number, work: () => Promise<void>): NodeJS.Timeout =>
    setInterval(() => inTurn(work), pause).unref()
  const lookAround = (): Promise<void> => survey.tree(root, { reason: byOthers, signal: closing.signal })
  const forget = (): Promise<void> => retention.apply(Date.now())

  inTurn(() => surveyAtStart(parts, survey, closing.signal))
  inTurn(forget)
  const timers = [
    every(heartbeat, async () => {
      await noteAlive(parts.store)
      // Whoever began with a large folder may have died.
      await parts.store.finished([root])
    }),
    every(surveyEvery, lookAround),
    every(retentionEvery, forget),
  ]
  return {
    async caughtUp() {
      await last
      await sleep(hearing)
      // Where this process itself stood still that long, it has not yet heard what the system had told it.
      await setImmediate()
      await follow.idle()
    },
    async close() {
      closing.abort()
      for (const timer of timers) clearInterval(timer)
      watch.close()
      await follow.close()
      await last
      try {
        await noteAlive(parts.store)
      } finally {
        await held.release()
      }
    },
  }
}

const cannotWatch = ({ message }: Error): string =>
  `the journal cannot watch all folders (${message}); it looks every ${surveyEvery / 60_000} minutes. On Linux, fs.inotify.max_user_watches can be raised`
