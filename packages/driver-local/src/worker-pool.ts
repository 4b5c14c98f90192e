import { abortedBy, StorageError, throwIfAborted } from '@filegate/core'
import { type Job, type PoolMember, startMember } from './pool-member.ts'

export interface WorkerPool<Task, Reply> {
  /**
   * Runs a task in some worker as soon as one is free. Aborting `signal` calls off the work; it rejects when the worker
   * has let go of it, so that descriptors lent to the task can be closed then.
   */
  run(task: Task, signal?: AbortSignal): Promise<Reply>
  /** Ends the workers; what is under way or waiting rejects. */
  close(): Promise<void>
}

export interface PoolOptions {
  /** Calls `serveTasks`. */
  readonly module: URL
  /** At most so many workers. They start when needed. */
  readonly size: number
  /** How long a worker without work is kept, in milliseconds. Default 20,000. */
  readonly idleTime?: number | undefined
}

export function workerPool<Task, Reply>({ module, size, idleTime = 20_000 }: PoolOptions): WorkerPool<Task, Reply> {
  const members = new Set<PoolMember<Task, Reply>>()
  const waiting: Job<Task, Reply>[] = []
  let lastId = 0
  let closed = false

  function start(): PoolMember<Task, Reply> {
    const onEnd = (): void => {
      members.delete(member)
      assign()
    }
    const member = startMember<Task, Reply>({ module, idleTime, onFree: assign, onEnd })
    members.add(member)
    return member
  }

  function assign(): void {
    if (closed || waiting.length === 0) return
    const member = [...members].find(({ job }) => !job) ?? (members.size < size ? start() : undefined)
    const job = member && waiting.shift()
    if (job) member.begin(job)
  }

  function callOff(id: number, reason: StorageError): void {
    const place = waiting.findIndex((job) => job.id === id)
    if (place >= 0) waiting.splice(place, 1)[0]?.reject(reason)
    for (const member of members) if (member.job?.id === id) member.callOff()
  }

  return {
    async run(task, signal) {
      throwIfAborted(signal)
      if (closed) throw closedError()
      const id = ++lastId
      const { promise, resolve, reject } = Promise.withResolvers<Reply>()
      const abort = (): void => {
        if (signal) callOff(id, abortedBy(signal))
      }
      signal?.addEventListener('abort', abort, { once: true })
      waiting.push({ id, task, resolve, reject })
      assign()
      try {
        const reply = await promise
        throwIfAborted(signal)
        return reply
      } finally {
        signal?.removeEventListener('abort', abort)
      }
    },
    async close() {
      closed = true
      for (const { reject } of waiting.splice(0)) reject(closedError())
      await Promise.all([...members].map((member) => member.end()))
    },
  }
}

const closedError = (): StorageError => new StorageError('Unavailable', 'The storage was closed.')
