import { Worker } from 'node:worker_threads'
import { siblingModule, StorageError } from '@filegate/core'

export interface Question {
  readonly id: number
  readonly password: string
  readonly hash: string
}

interface Answer {
  readonly id: number
  readonly matches: boolean
}

/** Log-ins are rare, so the thread ends when none came for this long. Milliseconds. */
const idleTime = 30_000

let worker: Worker | undefined
let lastId = 0
let retirement: NodeJS.Timeout | undefined
const waiting = new Map<number, PromiseWithResolvers<boolean>>()

/** `matchesCrypt` on a thread of its own, which is started when first needed. */
export function matchesSlowHash(password: string, hash: string): Promise<boolean> {
  clearTimeout(retirement)
  worker ??= startWorker()
  worker.ref()
  lastId += 1
  const answer = Promise.withResolvers<boolean>()
  waiting.set(lastId, answer)
  const question: Question = { id: lastId, password, hash }
  worker.postMessage(question)
  return answer.promise
}

function startWorker(): Worker {
  const started = new Worker(siblingModule(import.meta.url, './slow-hash-worker'))
  started.on('message', ({ id, matches }: Answer) => {
    waiting.get(id)?.resolve(matches)
    waiting.delete(id)
    if (waiting.size === 0) rest(started)
  })
  started.on('error', (cause) => abandon(started, cause))
  started.on('exit', (code) => abandon(started, code))
  return started
}

/** An idle thread keeps no process alive, and after a while it goes. */
function rest(idle: Worker): void {
  idle.unref()
  retirement = setTimeout(() => {
    if (worker !== idle || waiting.size > 0) return
    worker = undefined
    void idle.terminate()
  }, idleTime).unref()
}

function abandon(ended: Worker, cause: unknown): void {
  if (worker !== ended) return
  worker = undefined
  const error = new StorageError('Unexpected', 'The thread that checks passwords ended.', { cause })
  for (const answer of waiting.values()) answer.reject(error)
  waiting.clear()
}
