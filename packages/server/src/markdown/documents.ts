import { Worker } from 'node:worker_threads'
import { siblingModule, StorageError } from '@filegate/core'
import type { DocumentReply, DocumentTask } from './document-worker.ts'

/** Work on text that may take long when the text is hostile. It is done in a thread of its own, within limits. */
export interface Documents {
  /**
   * Markdown as HTML that is safe in our pages.
   * @throws StorageError `TimedOut` or `Unsupported` when the document asks too much.
   */
  markdown(source: string): Promise<string>
  /** The character set of bytes that are neither marked nor UTF-8, as a label for `TextDecoder`. */
  charset(bytes: Uint8Array): Promise<string>
  close(): Promise<void>
}

interface Job {
  readonly task: DocumentTask
  readonly resolve: (result: string) => void
  readonly reject: (error: StorageError) => void
}

export interface DocumentLimits {
  /** Milliseconds that one document may take. */
  readonly deadline: number
  /** Milliseconds without work after which the thread is ended. */
  readonly idleTime: number
  /** Documents that may wait; more are turned away. */
  readonly mostWaiting: number
}

const usualLimits: DocumentLimits = { deadline: 4000, idleTime: 20_000, mostWaiting: 64 }
const charsetSample = 65_536
/** A document that is larger once rendered is better read as text. */
const heapMegabytes = 96

export function createDocuments(limits: DocumentLimits = usualLimits): Documents {
  const waiting: Job[] = []
  let worker: Worker | undefined
  let current: Job | undefined
  let timer: NodeJS.Timeout | undefined

  const settle = (reply: DocumentReply): void => {
    const job = current
    current = undefined
    clearTimeout(timer)
    if ('result' in reply) job?.resolve(reply.result)
    else job?.reject(new StorageError('Unsupported', `The document cannot be rendered: ${reply.problem}`))
    next()
  }
  /** The thread answers to nobody any more, so that whatever it still sends is not taken for the next job's reply. */
  const stop = (reason: StorageError): void => {
    const [job, stopped] = [current, worker]
    current = undefined
    worker = undefined
    clearTimeout(timer)
    stopped?.removeAllListeners()
    // Without a listener an error of a thread that is about to end would end the process.
    stopped?.on('error', () => {})
    void stopped?.terminate()
    job?.reject(reason)
  }
  const start = (): Worker => {
    const started = new Worker(siblingModule(import.meta.url, './document-worker'), {
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    })
    started.on('message', settle)
    started.on('error', (cause) => {
      stop(new StorageError('Unsupported', 'The document is too large or too complicated to be rendered.', { cause }))
      next()
    })
    started.unref()
    return started
  }
  const next = (): void => {
    if (current) return
    current = waiting.shift()
    if (!current) {
      timer = setTimeout(() => stop(new StorageError('Unavailable', 'Idle.')), limits.idleTime).unref()
      return
    }
    worker ??= start()
    clearTimeout(timer)
    timer = setTimeout(() => {
      stop(new StorageError('TimedOut', `The document takes longer than ${limits.deadline} ms to render.`))
      next()
    }, limits.deadline)
    worker.postMessage(current.task)
  }
  const run = (task: DocumentTask): Promise<string> => {
    if (waiting.length >= limits.mostWaiting) {
      return Promise.reject(new StorageError('Unavailable', 'Too many documents wait to be shown; try again soon.'))
    }
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    waiting.push({ task, resolve, reject })
    next()
    return promise
  }
  return {
    markdown: (source) => run({ kind: 'markdown', source }),
    charset: (bytes) => run({ kind: 'charset', sample: bytes.slice(0, charsetSample) }),
    async close() {
      const closed = new StorageError('Unavailable', 'The server is stopping.')
      for (const { reject } of waiting.splice(0)) reject(closed)
      stop(closed)
    },
  }
}
