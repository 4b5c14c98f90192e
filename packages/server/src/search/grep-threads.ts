import { siblingModule, type StorageError } from '@filegate/core'
import { createThreadPool } from './thread-pool.ts'
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

interface Waiting {
  resolve(answer: Answer): void
  reject(error: unknown): void
}

export function createGrepThreads(): GrepThreads {
  const module = siblingModule(import.meta.url, './grep-thread')
  // How many there are is limited by the searches that may run.
  const pool = createThreadPool<Question, Answer>(module, { most: Infinity, idleTime: 10_000 })
  return {
    take() {
      const waiting: Waiting[] = []
      let failure: StorageError | undefined
      const thread = pool.take({
        onAnswer: (answer) => waiting.shift()?.resolve(answer),
        onFailure(error) {
          failure = error
          for (const question of waiting.splice(0)) question.reject(error)
        },
      })
      const ask = (question: Question, transfer?: readonly ArrayBuffer[]): Promise<Answer> =>
        new Promise((resolve, reject) => {
          if (failure || !thread) return reject(failure)
          waiting.push({ resolve, reject })
          thread.post(question, transfer)
        })
      return talkThrough(ask, () => thread?.release(waiting.length === 0))
    },
    close: () => pool.close(),
  }
}

function talkThrough(
  ask: (question: Question, transfer?: readonly ArrayBuffer[]) => Promise<Answer>,
  release: () => void,
): GrepThread {
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
