import { parentPort } from 'node:worker_threads'
import { type LocalAccess, StorageError } from '@filegate/core'
import { describeEntries } from './described-entries.ts'
import type { GlobAnswer, GlobOrder } from './glob-messages.ts'
import { createGlobPart, type GlobPart, type GlobPlan } from './glob-part.ts'
import { createFolderOpener } from './local-folder.ts'
import { buffersOf, packEntries } from './packed-entries.ts'

/** The module of a worker thread that does a part of one search for names at a time. */

interface Job {
  readonly local: LocalAccess
  readonly plan: GlobPlan
  readonly part: GlobPart
  readonly stop: AbortController
  sharing: boolean
  /** Of the walk under way, if any. */
  walk: Promise<void>
}

let job: Job | undefined
const openFolder = createFolderOpener()

function say(answer: GlobAnswer, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(answer, transfer)
}

function begin({ folder, plan, scanned }: Extract<GlobOrder, { type: 'begin' }>): void {
  const local = openFolder(folder)
  if (!local) throw new TypeError('The local driver gives no local access.')
  const part = createGlobPart(local, plan, scanned)
  job = { local, plan, part, stop: new AbortController(), sharing: false, walk: Promise.resolve() }
  say({ type: 'idle', complete: true, learned: [] })
}

async function walk(current: Job, { folders, learned }: Extract<GlobOrder, { type: 'walk' }>): Promise<void> {
  const { part, stop } = current
  part.learn(learned)
  current.sharing = false
  const complete = await part.walk({
    signal: stop.signal,
    from: folders,
    handOver: {
      // The last folder is kept, or it would only go round.
      wants: (waiting) => (current.sharing ? waiting >> 1 : 0),
      take(given) {
        current.sharing = false
        say({ type: 'given', folders: given, learned: part.takeLearned() })
      },
    },
  })
  say({ type: 'idle', complete, learned: part.takeLearned() })
}

async function finish({ local, plan, part, stop, walk: walking }: Job): Promise<void> {
  stop.abort()
  await walking
  const { best } = part
  const inOrder = best.inOrder()
  const entries = packEntries(plan.sort === 'name' ? await describeEntries(local, inOrder) : inOrder)
  job = undefined
  say({ type: 'found', count: best.count, entries }, buffersOf(entries))
}

function follow(order: GlobOrder): void | Promise<void> {
  if (order.type === 'begin') return begin(order)
  if (!job) throw new TypeError('A search has to begin first.')
  if (order.type === 'share') job.sharing = true
  else if (order.type === 'walk') return (job.walk = walk(job, order))
  else return finish(job)
}

async function obey(order: GlobOrder): Promise<void> {
  try {
    await follow(order)
  } catch (error) {
    if (!StorageError.is(error)) throw error
    say({ type: 'failed', code: error.code, message: error.message })
  }
}

parentPort?.on('message', (order: GlobOrder) => void obey(order))
