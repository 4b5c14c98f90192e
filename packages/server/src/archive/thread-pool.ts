import { availableParallelism } from 'node:os'
import { type MessagePort, type ResourceLimits, Worker } from 'node:worker_threads'
import { abortedBy, type ErrorCode, StorageError } from '@filegate/core'

/** What a thread answers to a job: its result, or what went wrong. Errors do not survive the way between threads. */
export type ThreadReply<Result> =
  | { readonly result: Result }
  | { readonly code: ErrorCode; readonly message: string; readonly path?: string | undefined }

export interface RunOptions {
  /** What moves to the thread; the caller must not touch it any more. */
  readonly transfer?: readonly (ArrayBuffer | MessagePort)[] | undefined
  /** A job that has not begun is dropped when this aborts; one that has begun is always finished. */
  readonly signal?: AbortSignal | undefined
}

/** A few threads that all run one module, started when first needed and ended when idle for a while. */
export interface ThreadPool<Job, Result> {
  readonly size: number
  /** @throws StorageError what the job threw, or `Aborted`. */
  run(job: Job, options?: RunOptions): Promise<Result>
  close(): Promise<void>
}

interface Task<Job, Result> {
  readonly job: Job
  readonly transfer: readonly (ArrayBuffer | MessagePort)[]
  resolve(result: Result): void
  reject(error: unknown): void
}

interface Thread<Job, Result> {
  readonly worker: Worker
  task?: Task<Job, Result> | undefined
  idleTimer?: NodeJS.Timeout | undefined
}

/** Garbage is collected early: what threads hold for long are a few buffers outside of this. */
const heap = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 }
const idleMilliseconds = 2000
const fewest = 2
const most = 4

/** `limits` are those of each thread. */
export const createThreadPool = <Job, Result>(module: URL, limits: ResourceLimits = heap): ThreadPool<Job, Result> =>
  new Threads(module, limits)

const shuttingDown = (): StorageError => new StorageError('Aborted', 'The server is shutting down.')

class Threads<Job, Result> implements ThreadPool<Job, Result> {
  readonly size = Math.min(most, Math.max(fewest, availableParallelism()))
  readonly #module: URL
  readonly #limits: ResourceLimits
  readonly #threads = new Set<Thread<Job, Result>>()
  readonly #waiting: Task<Job, Result>[] = []
  #closed = false

  constructor(module: URL, limits: ResourceLimits) {
    this.#module = module
    this.#limits = limits
  }

  run(job: Job, { transfer = [], signal }: RunOptions = {}): Promise<Result> {
    if (this.#closed) return Promise.reject(shuttingDown())
    if (signal?.aborted) return Promise.reject(abortedBy(signal))
    return new Promise((resolve, reject) => {
      const drop = (): void => {
        const place = this.#waiting.indexOf(task)
        if (place === -1 || !signal) return
        this.#waiting.splice(place, 1)
        reject(abortedBy(signal))
      }
      const forget = (): void => signal?.removeEventListener('abort', drop)
      const task: Task<Job, Result> = {
        job,
        transfer,
        resolve: (result) => (forget(), resolve(result)),
        reject: (error) => (forget(), reject(error)),
      }
      signal?.addEventListener('abort', drop, { once: true })
      this.#waiting.push(task)
      this.#advance()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const task of this.#waiting.splice(0)) task.reject(shuttingDown())
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()))
  }

  #advance(): void {
    while (this.#waiting.length > 0) {
      const idle = [...this.#threads].find((thread) => !thread.task)
      if (!idle && this.#threads.size >= this.size) return
      const task = this.#waiting.shift()
      if (task) this.#give(idle ?? this.#start(), task)
    }
  }

  #start(): Thread<Job, Result> {
    const thread: Thread<Job, Result> = { worker: new Worker(this.#module, { resourceLimits: this.#limits }) }
    this.#threads.add(thread)
    thread.worker.on('message', (reply: ThreadReply<Result>) => this.#settle(thread, reply))
    thread.worker.on('error', (cause) => this.#lose(thread, cause))
    thread.worker.on('exit', () => this.#lose(thread, new Error('The thread ended.')))
    return thread
  }

  #give(thread: Thread<Job, Result>, task: Task<Job, Result>): void {
    clearTimeout(thread.idleTimer)
    try {
      thread.worker.postMessage(task.job, task.transfer)
      thread.task = task
      thread.worker.ref()
    } catch (cause) {
      // What should move to the thread is gone, such as a port whose other end was closed while the job waited.
      task.reject(new StorageError('Unexpected', 'A job cannot be handed to a thread.', { cause }))
      this.#rest(thread)
    }
  }

  #settle(thread: Thread<Job, Result>, reply: ThreadReply<Result>): void {
    const { task } = thread
    thread.task = undefined
    if ('result' in reply) task?.resolve(reply.result)
    else task?.reject(new StorageError(reply.code, reply.message, { path: reply.path }))
    this.#rest(thread)
    this.#advance()
  }

  /** Idle threads keep neither the process alive nor, after a while, their memory. */
  #rest(thread: Thread<Job, Result>): void {
    thread.worker.unref()
    thread.idleTimer = setTimeout(() => {
      this.#threads.delete(thread)
      void thread.worker.terminate()
    }, idleMilliseconds).unref()
  }

  #lose(thread: Thread<Job, Result>, cause: unknown): void {
    this.#threads.delete(thread)
    clearTimeout(thread.idleTimer)
    thread.task?.reject(new StorageError('Unexpected', 'A worker thread failed.', { cause }))
    thread.task = undefined
    if (!this.#closed) this.#advance()
  }
}
