import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { abortedBy, siblingModule, StorageError, throwIfAborted } from '@filegate/core'
import type { DescribedFile } from './lines-descriptor.ts'
import type { LineSpan } from './lines-scan.ts'
import type { LineOrder, LineReport, LineSearch } from './lines-worker.ts'

export interface LineFinding {
  readonly span: LineSpan
  /** Newlines before each checkpoint that was passed, from the one the search started at. */
  readonly newlines: readonly number[]
}

/** Threads that look for lines in big files. */
export interface LineThreads {
  /** Settles only when no thread uses the descriptor any more, so whoever holds it may then close it. */
  find(file: DescribedFile, search: LineSearch, signal: AbortSignal): Promise<LineFinding>
  close(): Promise<void>
}

interface Waiting {
  settle(report: LineReport): void
  fail(error: Error): void
}

interface Thread {
  readonly worker: Worker
  readonly idle: NodeJS.Timeout
  readonly searches: Map<number, Waiting>
}

/** A thread holds some megabytes, so one that nobody needs for so long is let go. */
const idleMilliseconds = 30_000

/** Whoever asks beyond that is told to come again, because all would only wait for each other. */
const mostSearches = 256

const tooMany = (): StorageError =>
  new StorageError('Unavailable', 'Too many requests are looking for lines in big files; try again in a moment.')

/** Threads start when they are needed. Each takes turns among its searches; memory speed is the limit, so two suffice. */
export function createLineThreads(most = Math.min(2, availableParallelism())): LineThreads {
  const threads = new Set<Thread>()
  let lastSearch = 0

  function start(): Thread {
    const worker = new Worker(siblingModule(import.meta.url, './lines-worker'))
    const idle = setTimeout(() => end(thread), idleMilliseconds).unref()
    const thread: Thread = { worker, idle, searches: new Map() }
    threads.add(thread)
    worker.on('message', (report: LineReport) => thread.searches.get(report.id)?.settle(report))
    worker.on('error', (cause) => {
      threads.delete(thread)
      for (const search of thread.searches.values()) search.fail(asError(cause))
    })
    worker.on('exit', () => {
      threads.delete(thread)
      clearTimeout(idle)
      for (const search of thread.searches.values()) search.fail(new Error('The thread ended.'))
    })
    return thread
  }

  function leastBusy(): Thread {
    const [best] = [...threads].sort((a, b) => a.searches.size - b.searches.size)
    return best && (best.searches.size === 0 || threads.size >= most) ? best : start()
  }

  /** Idle threads keep no process alive, and after a while not even themselves. */
  function rest(thread: Thread): void {
    if (thread.searches.size > 0) return
    thread.worker.unref()
    thread.idle.refresh()
  }

  function end(thread: Thread): void {
    if (thread.searches.size > 0) return
    // At once, so that nobody gives it more to do.
    threads.delete(thread)
    void thread.worker.terminate()
  }

  return {
    async find(file, search, signal) {
      throwIfAborted(signal)
      const searches = [...threads].reduce((sum, thread) => sum + thread.searches.size, 0)
      if (searches >= mostSearches) throw tooMany()
      const thread = leastBusy()
      const id = ++lastSearch
      thread.worker.ref()
      try {
        return await ask(thread, { id, file, search }, signal)
      } finally {
        thread.searches.delete(id)
        rest(thread)
      }
    },
    async close() {
      await Promise.all([...threads].map(({ worker }) => worker.terminate()))
    },
  }
}

async function ask(thread: Thread, order: LineOrder, signal: AbortSignal): Promise<LineFinding> {
  const { id } = order
  const cancel = (): void => thread.worker.postMessage({ id, cancel: true } satisfies LineOrder)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const report = await new Promise<LineReport>((settle, fail) => {
      thread.searches.set(id, { settle, fail })
      thread.worker.postMessage(order)
    })
    if ('cancelled' in report) throw abortedBy(signal)
    if ('failure' in report) throw new StorageError('Unexpected', `Looking for lines failed: ${report.failure}`)
    return report
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

const asError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)))
