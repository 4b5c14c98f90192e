import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { abortedBy, type ErrorCode, StorageError } from '@filegate/core'

/** What a thread answers to a job: its result, or what went wrong. Errors do not survive the way between threads. */
export type ThreadReply<Result> =
  | { readonly result: Result }
  | { readonly code: ErrorCode; readonly message: string; readonly path?: string | undefined }

export interface RunOptions {
  /** Buffers that move to the thread; the caller must not touch them any more. */
  readonly transfer?: readonly ArrayBuffer[] | undefined
  /** A job that has not begun is dropped when this aborts; one that has begun is always finished. */
  readonly signal?: AbortSignal | undefined
}

/** A few threads that all run one module, started when first needed and ended when idle for a while. */
export interface ThreadPool<Job, Result> {
  readonly size: number
  /** @throws StorageError what the job threw. */
  run(job: Job, options?: RunOptions): Promise<Result>
  close(): Promise<void>
}

interface Task<Job, Result> {
  readonly job: Job
  readonly transfer: readonly ArrayBuffer[]
  resolve(result: Result): void
  reject(error: unknown): void
}

interface Thread<Job, Result> {
  readonly worker: Worker
  task?: Task<Job, Result> | undefined
  idleTimer?: NodeJS.Timeout | undefined
}

const idleMilliseconds = 10_000
const fewest = 2
const most = 4

export function createThreadPool<Job, Result>(module: URL): ThreadPool<Job, Result> {
  const size = Math.min(most, Math.max(fewest, availableParallelism()))
  const threads = new Set<Thread<Job, Result>>()
  const waiting: Task<Job, Result>[] = []
  let closed = false

  function start(): Thread<Job, Result> {
    const thread: Thread<Job, Result> = { worker: new Worker(module) }
    threads.add(thread)
    thread.worker.on('message', (reply: ThreadReply<Result>) => settle(thread, reply))
    thread.worker.on('error', (cause) => lose(thread, cause))
    thread.worker.on('exit', () => lose(thread, new Error('The thread ended.')))
    return thread
  }

  function settle(thread: Thread<Job, Result>, reply: ThreadReply<Result>): void {
    const { task } = thread
    thread.task = undefined
    if ('result' in reply) task?.resolve(reply.result)
    else task?.reject(new StorageError(reply.code, reply.message, { path: reply.path }))
    rest(thread)
    advance()
  }

  function lose(thread: Thread<Job, Result>, cause: unknown): void {
    if (!threads.delete(thread)) return
    clearTimeout(thread.idleTimer)
    thread.task?.reject(new StorageError('Unexpected', 'A worker thread failed.', { cause }))
    advance()
  }

  /** Idle threads keep neither the process alive nor, after a while, their memory. */
  function rest(thread: Thread<Job, Result>): void {
    thread.worker.unref()
    thread.idleTimer = setTimeout(() => {
      threads.delete(thread)
      void thread.worker.terminate()
    }, idleMilliseconds).unref()
  }

  function advance(): void {
    while (waiting.length > 0) {
      const idle = [...threads].find((thread) => !thread.task)
      if (!idle && threads.size >= size) return
      const task = waiting.shift()
      if (task) give(idle ?? start(), task)
    }
  }

  function give(thread: Thread<Job, Result>, task: Task<Job, Result>): void {
    clearTimeout(thread.idleTimer)
    thread.task = task
    thread.worker.ref()
    thread.worker.postMessage(task.job, task.transfer)
  }

  return {
    size,
    run(job, { transfer = [], signal } = {}) {
      if (closed) return Promise.reject(new StorageError('Aborted', 'The server is shutting down.'))
      if (signal?.aborted) return Promise.reject(abortedBy(signal))
      return new Promise((resolve, reject) => {
        const forget = (): void => signal?.removeEventListener('abort', drop)
        const task: Task<Job, Result> = {
          job,
          transfer,
          resolve: (result) => (forget(), resolve(result)),
          reject: (error) => (forget(), reject(error)),
        }
        const drop = (): void => {
          const place = waiting.indexOf(task)
          if (place === -1 || !signal) return
          waiting.splice(place, 1)
          reject(abortedBy(signal))
        }
        signal?.addEventListener('abort', drop, { once: true })
        waiting.push(task)
        advance()
      })
    },
    async close() {
      closed = true
      for (const task of waiting.splice(0)) task.reject(new StorageError('Aborted', 'The server is shutting down.'))
      await Promise.all([...threads].map(({ worker }) => worker.terminate()))
    },
  }
}
