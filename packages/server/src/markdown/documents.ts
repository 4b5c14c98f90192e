import { Worker } from 'node:worker_threads'
import { siblingModule } from '@filegate/core'
import { type IsolatedLimits, isolatedRunner, type IsolateEvents } from '../isolated/isolated-runner.ts'
import type { DocumentTask } from './document-worker.ts'

/** Work on text that may take long when the text is hostile. It is done in a thread of its own, within limits. */
export interface Documents {
  /**
   * Markdown as HTML that is safe in our pages.
   * @throws StorageError `TimedOut`, `TooLarge` or `Unsupported` when the document asks too much.
   */
  markdown(source: string): Promise<string>
  /** The character set of bytes that are neither marked nor UTF-8, as a label for `TextDecoder`. */
  charset(bytes: Uint8Array): Promise<string>
  close(): void
}

const usualLimits: IsolatedLimits = { deadline: 4000, idleTime: 20_000, mostWaiting: 64 }
const charsetSample = 65_536
/** A document that is larger than this once rendered is better read as text. */
const heapMegabytes = 96

export function createDocuments(limits: IsolatedLimits = usualLimits): Documents {
  const runner = isolatedRunner({ start: startWorker, subject: 'The document', limits })
  return {
    markdown: (source) => runner.run({ kind: 'markdown', source }),
    charset: (bytes) => runner.run({ kind: 'charset', sample: bytes.slice(0, charsetSample) }),
    close: () => runner.close(),
  }
}

function startWorker({ onReply, onBreakdown }: IsolateEvents<string>) {
  const worker = new Worker(siblingModule(import.meta.url, './document-worker'), {
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  })
  worker.on('message', onReply).on('error', onBreakdown).unref()
  return {
    post: (task: DocumentTask) => worker.postMessage(task),
    end() {
      // Without a listener an error of a thread that is about to end would end the process.
      worker.removeAllListeners().on('error', () => {})
      void worker.terminate()
    },
  }
}
