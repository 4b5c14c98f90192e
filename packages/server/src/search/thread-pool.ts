import { StorageError } from '@filegate/core'
import { Worker } from 'node:worker_threads'

/** Worker threads of one module, each of which serves one request at a time. They start when needed. */
export interface ThreadPool<Message, Answer> {
  /** Undefined when all there may be are taken, or when none is idle and none may be started. */
  take(listener: ThreadListener<Answer>, mayStart?: boolean): PooledThread<Message> | undefined
  /** Ends all threads. */
  close(): Promise<void>
}

export interface PooledThread<Message> {
  post(message: Message, transfer?: readonly ArrayBuffer[]): void
  /** Call it exactly once. A thread that is not `free` of work is ended, whatever it is doing; nothing more is heard of it. */
  release(free: boolean): void
}

export interface ThreadListener<Answer> {
  onAnswer(answer: Answer): void
  /** The thread has ended by itself. */
  onFailure(error: StorageError): void
}

export interface PoolLimits {
  readonly most: number
  /** How long a thread without work is kept, in milliseconds. Meanwhile it does not keep the process alive. */
  readonly idleTime: number
}

interface Thread<Answer> {
  readonly worker: Worker
  listener: ThreadListener<Answer> | undefined
  retirement?: NodeJS.Timeout | undefined
}

export function createThreadPool<Message, Answer>(
  module: URL,
  { most, idleTime }: PoolLimits,
): ThreadPool<Message, Answer> {
  const threads = new Set<Thread<Answer>>()
  const idle: Thread<Answer>[] = []

  function start(): Thread<Answer> {
    const thread: Thread<Answer> = { worker: new Worker(module), listener: undefined }
    threads.add(thread)
    thread.worker.on('message', (answer: Answer) => thread.listener?.onAnswer(answer))
    thread.worker.on('error', (cause) => lose(thread, cause))
    thread.worker.on('exit', () => lose(thread, new Error('The thread ended.')))
    return thread
  }

  function forget(thread: Thread<Answer>): void {
    threads.delete(thread)
    const place = idle.indexOf(thread)
    if (place !== -1) idle.splice(place, 1)
    clearTimeout(thread.retirement)
  }

  function lose(thread: Thread<Answer>, cause: unknown): void {
    forget(thread)
    const { listener } = thread
    thread.listener = undefined
    listener?.onFailure(new StorageError('Unexpected', 'A thread that searches failed.', { cause }))
  }

  /** It leaves the pool first, or a request might be given to a thread that is about to end. */
  function retire(thread: Thread<Answer>): void {
    forget(thread)
    void thread.worker.terminate()
  }

  return {
    take(listener, mayStart = true) {
      if (idle.length === 0 && (!mayStart || threads.size >= most)) return undefined
      const thread = idle.pop() ?? start()
      clearTimeout(thread.retirement)
      thread.worker.ref()
      thread.listener = listener
      return {
        post: (message, transfer = []) => thread.worker.postMessage(message, [...transfer]),
        release(free) {
          if (!threads.has(thread)) return
          thread.listener = undefined
          if (!free) return retire(thread)
          thread.worker.unref()
          idle.push(thread)
          thread.retirement = setTimeout(() => retire(thread), idleTime).unref()
        },
      }
    },
    async close() {
      await Promise.all([...threads].map(({ worker }) => worker.terminate()))
    },
  }
}
