import { Worker } from 'node:worker_threads'
import { siblingModule, StorageError } from '@filegate/core'
import type { Answer, FilesAnswer, PieceAnswer, Question } from './thread-messages.ts'

/** A thread that searches for one request only, so that ending it harms no other. */
export interface GrepThread {
  begin(question: Omit<Extract<Question, { type: 'begin' }>, 'type'>): Promise<void>
  files(paths: readonly string[]): Promise<FilesAnswer>
  piece(question: Omit<Extract<Question, { type: 'piece' }>, 'type'>): Promise<PieceAnswer>
  drop(file: number): Promise<void>
  /** Call it exactly once. A thread that is still at work is ended, whatever it is doing. */
  release(): void
}

export interface GrepThreads {
  take(): GrepThread
  close(): Promise<void>
}

const idleMilliseconds = 10_000

interface Waiting {
  resolve(answer: Answer): void
  reject(error: unknown): void
}

interface Thread {
  readonly worker: Worker
  readonly waiting: Waiting[]
  idleTimer?: NodeJS.Timeout | undefined
}

export function createGrepThreads(): GrepThreads {
  const threads = new Set<Thread>()
  const idle: Thread[] = []

  function start(): Thread {
    const thread: Thread = { worker: new Worker(siblingModule(import.meta.url, './grep-thread')), waiting: [] }
    threads.add(thread)
    thread.worker.on('message', (answer: Answer) => thread.waiting.shift()?.resolve(answer))
    thread.worker.on('error', (cause) => lose(thread, cause))
    thread.worker.on('exit', () => lose(thread, new Error('The thread ended.')))
    return thread
  }

  function lose(thread: Thread, cause: unknown): void {
    threads.delete(thread)
    const place = idle.indexOf(thread)
    if (place !== -1) idle.splice(place, 1)
    clearTimeout(thread.idleTimer)
    for (const question of thread.waiting.splice(0)) {
      question.reject(new StorageError('Unexpected', 'A thread that searches failed.', { cause }))
    }
  }

  async function end(thread: Thread): Promise<void> {
    await thread.worker.terminate()
  }

  function rest(thread: Thread): void {
    thread.worker.unref()
    idle.push(thread)
    thread.idleTimer = setTimeout(() => {
      idle.splice(idle.indexOf(thread), 1)
      void end(thread)
    }, idleMilliseconds).unref()
  }

  function wake(thread: Thread): Thread {
    clearTimeout(thread.idleTimer)
    thread.worker.ref()
    return thread
  }

  return {
    take() {
      const waiting = idle.pop()
      const thread = waiting ? wake(waiting) : start()
      return talkTo(thread, () => {
        if (thread.waiting.length === 0 && threads.has(thread)) rest(thread)
        else void end(thread)
      })
    },
    async close() {
      await Promise.all([...threads].map(end))
    },
  }
}

function talkTo({ worker, waiting }: Thread, release: () => void): GrepThread {
  const ask = (question: Question, transfer: ArrayBuffer[] = []): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject })
      worker.postMessage(question, transfer)
    })
  return {
    begin: async (question) => void (await ask({ type: 'begin', ...question })),
    files: async (paths) => expected('files', await ask({ type: 'files', paths })),
    piece: async (question) => expected('piece', await ask({ type: 'piece', ...question }, [question.bytes.buffer])),
    drop: async (file) => void (await ask({ type: 'drop', file })),
    release,
  }
}

function expected<T extends Answer['type']>(type: T, answer: Answer): Extract<Answer, { type: T }> {
  const isExpected = (one: Answer): one is Extract<Answer, { type: T }> => one.type === type
  if (isExpected(answer)) return answer
  throw new TypeError(`A thread answered ${answer.type} where ${type} was asked.`)
}
