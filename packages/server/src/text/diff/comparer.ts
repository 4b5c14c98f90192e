import { Worker } from 'node:worker_threads'
import { siblingModule } from '@filegate/core'
import { type IsolatedLimits, isolatedRunner, type IsolateEvents } from '../../isolated/isolated-runner.ts'
import type { CompareTask } from './compare-worker.ts'

/** Compares texts in a thread of its own, within limits: hostile ones can take long. */
export interface Comparer {
  /**
   * The difference in the unified format; empty when there is none. The contents are given away.
   * @throws StorageError `TimedOut` or `TooLarge` when they ask too much
   */
  unified(task: CompareTask, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
  close(): void
}

const usualLimits: IsolatedLimits = { deadline: 2000, idleTime: 20_000, mostWaiting: 32 }
const heapMegabytes = 512

export function createComparer(limits: IsolatedLimits = usualLimits): Comparer {
  const runner = isolatedRunner({ start: startWorker, subject: 'The comparison', limits })
  return {
    unified: (task, signal) => runner.run(task, signal),
    close: () => runner.close(),
  }
}

function startWorker({ onReply, onBreakdown }: IsolateEvents<Uint8Array<ArrayBuffer>>) {
  const worker = new Worker(siblingModule(import.meta.url, './compare-worker'), {
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  })
  worker.on('message', onReply).on('error', onBreakdown).unref()
  return {
    post: (task: CompareTask) => worker.postMessage(task, [task.before.content.buffer, task.after.content.buffer]),
    end() {
      // Without a listener an error of a thread that is about to end would end the process.
      worker.removeAllListeners().on('error', () => {})
      void worker.terminate()
    },
  }
}
