import { parentPort } from 'node:worker_threads'
import type { IsolateReply } from '../isolated/isolated-runner.ts'
import { detectCharset } from './detect-charset.ts'
import { markdownHtml } from './markdown-html.ts'

/** What the worker can do. Both can take long on hostile input, which is why they are done here. */
export type DocumentTask =
  | { readonly kind: 'markdown'; readonly source: string }
  | { readonly kind: 'charset'; readonly sample: Uint8Array }

async function perform(task: DocumentTask): Promise<string> {
  return task.kind === 'markdown' ? markdownHtml(task.source) : detectCharset(task.sample)
}

parentPort?.on('message', (task: DocumentTask) => {
  const answer = (reply: IsolateReply<string>): void => parentPort?.postMessage(reply)
  perform(task).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ code: 'Unsupported', problem: `The document cannot be rendered: ${String(error)}` }),
  )
})
parentPort?.postMessage({ started: true } satisfies IsolateReply<string>)
