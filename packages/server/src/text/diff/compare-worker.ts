import { parentPort } from 'node:worker_threads'
import type { IsolateReply } from '../../isolated/isolated-runner.ts'
import { unifiedDiff } from './unified.ts'

export interface ComparedSide {
  /** What stands behind `---` or `+++`. */
  readonly name: string
  /** In a buffer of its own, which is given away. */
  readonly content: Uint8Array<ArrayBuffer>
}

export interface CompareTask {
  readonly before: ComparedSide
  readonly after: ComparedSide
}

parentPort?.on('message', ({ before, after }: CompareTask) => {
  const result = unifiedDiff(before.content, after.content, { before: before.name, after: after.name })
  const reply: IsolateReply<Uint8Array> = { result }
  parentPort?.postMessage(reply, [result.buffer])
})
parentPort?.postMessage({ started: true } satisfies IsolateReply<Uint8Array>)
