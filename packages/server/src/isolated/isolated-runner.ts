import { type ErrorCode, StorageError, throwIfAborted } from '@filegate/core'

/** A thread or a process that does one task at a time and may be ended in the middle of it. */
export interface Isolate<Task> {
  post(task: Task): void
  /** From now on it tells nothing more. */
  end(): void
}

/** What an isolate says: once that it has started, and then of each task its result, or in words what is wrong with it. */
export type IsolateReply<Result> =
  | { readonly started: true }
  | { readonly result: Result }
  | { readonly problem: string; readonly code: ErrorCode }

export interface IsolateEvents<Result> {
  readonly onReply: (reply: IsolateReply<Result>) => void
  /** It broke down: out of memory, killed, could not start. */
  readonly onBreakdown: (cause: unknown) => void
}

export interface IsolatedOptions<Task, Result> {
  readonly start: (events: IsolateEvents<Result>) => Isolate<Task>
  /** What the work is done on, as in 'the document'. */
  readonly subject: string
  readonly limits: IsolatedLimits
}

/** Milliseconds in which an isolate has to start. On a busy machine that can take longer than a task may. */
const timeToStart = 20_000

export interface IsolatedLimits {
  /** Milliseconds that one task may take; those in which the isolate starts do not count. */
  readonly deadline: number
  /** Milliseconds without work after which the isolate is ended. */
  readonly idleTime: number
  /** Tasks that may wait; more are turned away. */
  readonly mostWaiting: number
}

/**
 * Runs work that hostile input can make slow or large where it cannot hurt: in an isolate that is started when needed,
 * ended when a task takes too long or breaks it, and ended when there is nothing to do.
 */
export interface IsolatedRunner<Task, Result> {
  /** @throws StorageError `Unavailable` when too many wait, `TimedOut`, `TooLarge` on a breakdown, or what the task's problem is. */
  run(task: Task, signal?: AbortSignal): Promise<Result>
  close(): void
}

interface Job<Task, Result> {
  readonly task: Task
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

export function isolatedRunner<Task, Result>(options: IsolatedOptions<Task, Result>): IsolatedRunner<Task, Result> {
  return new Runner(options)
}

/** A class for what it holds: the isolate, the task in it, and the clock that runs meanwhile. */
class Runner<Task, Result> implements IsolatedRunner<Task, Result> {
  readonly #options: IsolatedOptions<Task, Result>
  readonly #waiting: Job<Task, Result>[] = []
  #isolate: Isolate<Task> | undefined
  #hasStarted = false
  #current: Job<Task, Result> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: IsolatedOptions<Task, Result>) {
    this.#options = options
  }

  async run(task: Task, signal?: AbortSignal): Promise<Result> {
    throwIfAborted(signal)
    if (this.#waiting.length >= this.#options.limits.mostWaiting) {
      throw new StorageError('Unavailable', 'Too much of this kind of work is waiting; try again soon.')
    }
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const job = { task, resolve, reject }
    // Nobody waits for it any more. What has begun is left to finish: it is short, and starting anew is not.
    const leave = (): void => {
      const place = this.#waiting.indexOf(job)
      if (place >= 0) this.#waiting.splice(place, 1)
      reject(new StorageError('Aborted', 'The client went away.'))
    }
    signal?.addEventListener('abort', leave, { once: true })
    this.#waiting.push(job)
    this.#next()
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  close(): void {
    const closed = new StorageError('Unavailable', 'The server is stopping.')
    for (const { reject } of this.#waiting.splice(0)) reject(closed)
    this.#stop(closed)
  }

  #next(): void {
    if (this.#current) return
    clearTimeout(this.#timer)
    this.#current = this.#waiting.shift()
    if (!this.#current) {
      this.#timer = setTimeout(() => this.#stop(undefined), this.#options.limits.idleTime).unref()
      return
    }
    this.#isolate ??= this.#start()
    this.#time()
    this.#isolate.post(this.#current.task)
  }

  /** Gives the task its time from now on, or the isolate its time to start. */
  #time(): void {
    const { limits, subject } = this.#options
    const [time, late] = this.#hasStarted
      ? [limits.deadline, `${subject} takes longer than ${limits.deadline / 1000} seconds.`]
      : [timeToStart, `${subject} could not be begun in ${timeToStart / 1000} seconds.`]
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#giveUp(new StorageError('TimedOut', late)), time)
  }

  #start(): Isolate<Task> {
    const { start, subject } = this.#options
    this.#hasStarted = false
    return start({
      onReply: (reply) => {
        if ('started' in reply) {
          this.#hasStarted = true
          if (this.#current) this.#time()
          return
        }
        const job = this.#take()
        if ('result' in reply) job?.resolve(reply.result)
        else job?.reject(new StorageError(reply.code, reply.problem))
        this.#next()
      },
      onBreakdown: (cause) => {
        this.#giveUp(new StorageError('TooLarge', `${subject} is too large or too complicated for this.`, { cause }))
      },
    })
  }

  #giveUp(reason: StorageError): void {
    this.#stop(reason)
    this.#next()
  }

  #stop(reason: unknown): void {
    this.#isolate?.end()
    this.#isolate = undefined
    this.#take()?.reject(reason)
  }

  #take(): Job<Task, Result> | undefined {
    const job = this.#current
    this.#current = undefined
    clearTimeout(this.#timer)
    return job
  }
}
