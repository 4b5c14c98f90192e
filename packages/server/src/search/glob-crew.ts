import { availableParallelism } from 'node:os'
import { type LocalAccess, StorageError, type StoragePath } from '@filegate/core'
import type { GlobAnswer, GlobOrder } from './glob-messages.ts'
import type { GlobPlan, Learned, ScanCount } from './glob-part.ts'
import { folderOf } from './local-folder.ts'
import type { PooledThread, ThreadPool } from './thread-pool.ts'

export type GlobThreads = ThreadPool<GlobOrder, GlobAnswer>
export type GlobFound = Extract<GlobAnswer, { type: 'found' }>

/** The threads that walk for one search, and what they have to walk. */
export interface GlobCrew {
  /** Whether some thread waits for work. To be asked again and again; threads are started if `mayStart`. */
  isReady(mayStart: boolean): boolean
  walk(folders: readonly StoragePath[], learned: readonly Learned[]): void
  /** Resolves when everything is walked: whether to the end. */
  done(): Promise<boolean>
  /** What each of them found, without those that have not said it when `late` resolves. After this nothing more is walked. */
  collect(late: Promise<void>): Promise<readonly GlobFound[]>
  /** Call it exactly once. Threads that are still at work are ended. */
  release(): void
}

interface Member {
  readonly thread: PooledThread<GlobOrder>
  state: 'starting' | 'idle' | 'walking' | 'finishing'
  hasWalked: boolean
  /** Was told to give folders away, and has not done so yet. */
  isAsked: boolean
  /** How much of what all have learned it was told. */
  told: number
  readonly found: PromiseWithResolvers<GlobFound>
}

interface Crew {
  readonly members: Member[]
  /** By all of them together, in the order in which it came. */
  readonly learned: Learned[]
  /** Folders that nobody walks yet. */
  queue: StoragePath[]
  complete: boolean
  readonly work: PromiseWithResolvers<boolean>
  released: boolean
}

const threadsOfSearch = Math.min(2, availableParallelism())

export function createGlobCrew(pool: GlobThreads, local: LocalAccess, plan: GlobPlan, scanned: ScanCount): GlobCrew {
  const work = waitable<boolean>()
  const crew: Crew = { members: [], learned: [], queue: [], complete: true, work, released: false }
  const { members } = crew
  const begin = { type: 'begin', folder: folderOf(local), plan, scanned } as const

  return {
    isReady(mayStart) {
      while (members.length < threadsOfSearch) {
        const member = memberFrom(pool, crew, mayStart)
        if (!member) break
        members.push(member)
        member.thread.post(begin)
      }
      return members.some(({ state }) => state === 'idle')
    },
    walk(folders, known) {
      crew.learned.push(...known)
      crew.queue.push(...folders)
      assign(crew)
    },
    done() {
      // Where nothing was ever given to walk, nothing is to be waited for.
      if (!members.some(({ hasWalked }) => hasWalked)) work.resolve(true)
      return work.promise
    },
    async collect(late) {
      const busy = members.filter(({ hasWalked }) => hasWalked)
      for (const member of busy) {
        member.state = 'finishing'
        member.thread.post({ type: 'finish' })
      }
      const found = await Promise.all(busy.map(async (member) => foundBy(member, late)))
      return found.filter((one) => one !== undefined)
    },
    release() {
      crew.released = true
      for (const { thread, state } of members) {
        // One that is just starting is released when it has started.
        if (state !== 'starting') thread.release(state === 'idle')
      }
    },
  }
}

function memberFrom(pool: GlobThreads, crew: Crew, mayStart: boolean): Member | undefined {
  const onAnswer = (answer: GlobAnswer): void => {
    if (member) hear(crew, member, answer)
  }
  const thread = pool.take({ onAnswer, onFailure: (error) => fail(crew, error) }, mayStart)
  const member: Member | undefined = thread && {
    thread,
    state: 'starting',
    hasWalked: false,
    isAsked: false,
    told: 0,
    found: waitable<GlobFound>(),
  }
  return member
}

/** A promise whose failure only concerns those who wait for it, of whom there may be none. */
function waitable<T>(): PromiseWithResolvers<T> {
  const resolvers = Promise.withResolvers<T>()
  resolvers.promise.catch(() => {})
  return resolvers
}

function hear(crew: Crew, member: Member, answer: GlobAnswer): void {
  if (crew.released) return member.thread.release(answer.type === 'idle')
  if (answer.type === 'failed') return fail(crew, new StorageError(answer.code, answer.message))
  if (answer.type === 'found') return member.found.resolve(answer)
  crew.learned.push(...answer.learned)
  member.isAsked = false
  if (answer.type === 'given') crew.queue.push(...answer.folders)
  else {
    crew.complete &&= answer.complete
    if (member.state !== 'finishing') member.state = 'idle'
  }
  assign(crew)
}

function fail({ work, members }: Crew, error: StorageError): void {
  work.reject(error)
  for (const { found } of members) found.reject(error)
}

/** Gives threads that have none their share of the work, or asks the others to give some away. */
function assign(crew: Crew): void {
  const { members, work } = crew
  const idle = members.filter(({ state }) => state === 'idle')
  if (crew.queue.length > 0) handOut(crew, idle)
  else if (idle.length > 0) members.filter(({ state }) => state === 'walking').forEach(askToShare)
  const hasEnded = crew.queue.length === 0 && members.every(({ state }) => state !== 'walking')
  if (hasEnded && members.some(({ hasWalked }) => hasWalked)) work.resolve(crew.complete)
}

function handOut(crew: Crew, idle: readonly Member[]): void {
  const { queue, learned } = crew
  if (idle.length === 0) return
  crew.queue = []
  for (const [number, member] of idle.entries()) {
    const folders = queue.filter((_, place) => place % idle.length === number)
    if (folders.length === 0) continue
    member.thread.post({ type: 'walk', folders, learned: learned.slice(member.told) })
    member.told = learned.length
    member.state = 'walking'
    member.hasWalked = true
  }
}

function askToShare(member: Member): void {
  if (!member.isAsked) member.thread.post({ type: 'share' })
  member.isAsked = true
}

async function foundBy(member: Member, late: Promise<void>): Promise<GlobFound | undefined> {
  const found = (await Promise.race([member.found.promise, late])) ?? undefined
  if (found) member.state = 'idle'
  return found
}
