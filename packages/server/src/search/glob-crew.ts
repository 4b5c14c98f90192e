import { availableParallelism } from 'node:os'
import { StorageError } from '@filegate/core'
import type { TreeTask } from '@filegate/driver-local'
import type { GlobAnswer, GlobOrder } from './glob-messages.ts'
import type { PooledThread, ThreadPool } from './thread-pool.ts'

export type GlobThreads = ThreadPool<GlobOrder, GlobAnswer>

type Order = Exclude<GlobOrder, { type: 'begin' }>
type Answer = Extract<GlobAnswer, { type: 'read' | 'looked' }>

/** The threads that help one search. */
export interface GlobCrew {
  /** Takes as many as there may be, of those that are idle and, if `mayStart`, new ones. */
  gather(mayStart: boolean): void
  /** How many have started. */
  readonly size: number
  /** Whether some thread takes an order. */
  hasRoom(): boolean
  /** To a thread that has room. */
  give(order: Order, onAnswer: (answer: Answer) => void): void
  /** Orders that are not answered yet. */
  readonly underWay: number
  /** Call it exactly once; nothing is heard of any order after it. */
  release(): void
}

interface Member {
  readonly thread: PooledThread<GlobOrder>
  isReady: boolean
  /** For whoever waits for the answers, in turn. */
  readonly waiting: ((answer: Answer) => void)[]
}

const threadsOfSearch = Math.min(2, availableParallelism())
/** While it follows one, the next is there already. */
const ordersAtOnce = 2
/** Milliseconds that a thread has to come to the end of what nobody waits for any more, before it is ended. */
const grace = 1000

export function createGlobCrew(
  pool: GlobThreads,
  task: TreeTask,
  { onReady, onFailure }: { readonly onReady: () => void; readonly onFailure: (error: StorageError) => void },
): GlobCrew {
  const members: Member[] = []
  let isReleased = false

  function hear(member: Member, answer: GlobAnswer): void {
    if (answer.type === 'ready') {
      member.isReady = true
      if (isReleased) dismiss(member)
      else onReady()
      return
    }
    const waiting = member.waiting.shift()
    if (isReleased) dismiss(member)
    else if (answer.type === 'failed') onFailure(new StorageError(answer.code, answer.message))
    else waiting?.(answer)
  }

  function join(mayStart: boolean): boolean {
    const listener = {
      onAnswer: (answer: GlobAnswer): void => {
        if (member) hear(member, answer)
      },
      onFailure: (error: StorageError): void => {
        if (!isReleased) onFailure(error)
      },
    }
    const thread = pool.take(listener, mayStart)
    const member: Member | undefined = thread && { thread, isReady: false, waiting: [] }
    if (!member) return false
    members.push(member)
    member.thread.post({ type: 'begin', task })
    return true
  }

  return {
    gather(mayStart) {
      while (members.length < threadsOfSearch && join(mayStart)) continue
    },
    get size() {
      return members.filter(({ isReady }) => isReady).length
    },
    hasRoom: () => members.some(isFree),
    give(order, onAnswer) {
      const [member] = members.filter(isFree).sort((one, other) => one.waiting.length - other.waiting.length)
      if (!member) throw new RangeError('No thread has room for an order.')
      member.waiting.push(onAnswer)
      member.thread.post(order)
    },
    get underWay() {
      return members.reduce((sum, { waiting }) => sum + waiting.length, 0)
    },
    release() {
      isReleased = true
      members.forEach(dismiss)
    },
  }
}

const isFree = ({ isReady, waiting }: Member): boolean => isReady && waiting.length < ordersAtOnce

const leaving = new WeakMap<Member, NodeJS.Timeout>()

/** A thread is worth keeping: it goes back to the pool when it has answered all, and is ended when that takes too long. */
function dismiss(member: Member): void {
  const { thread, isReady, waiting } = member
  const timer = leaving.get(member)
  if (isReady && waiting.length === 0) {
    clearTimeout(timer)
    thread.release(true)
  } else if (!timer) {
    leaving.set(
      member,
      setTimeout(() => thread.release(false), grace),
    )
  }
}
