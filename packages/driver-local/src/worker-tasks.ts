import { parentPort } from 'node:worker_threads'

/** What crosses between `workerPool` and `serveTasks`. Errors lose their code when cloned, so it travels by itself. */
export interface TaskMessage<Task> {
  readonly id: number
  /** Absent to call off the task of that id. */
  readonly task?: Task | undefined
}

export interface ReplyMessage<Reply> {
  readonly id: number
  readonly reply?: Reply | undefined
  readonly failure?: { readonly message: string; readonly code?: string | undefined } | undefined
}

export interface Outcome<Reply> {
  readonly reply: Reply
  /** Buffers in it that are handed over instead of copied. */
  readonly transfer?: readonly ArrayBuffer[] | undefined
}

export type Perform<Task, Reply> = (task: Task, isCancelled: () => boolean) => Outcome<Reply> | Promise<Outcome<Reply>>

/** The worker's side: answers each task in turn. `isCancelled` turns true when the caller no longer wants the reply. */
export function serveTasks<Task, Reply>(perform: Perform<Task, Reply>): void {
  const cancelled = new Set<number>()
  const port = parentPort
  const answer = async ({ id, task }: TaskMessage<Task>): Promise<void> => {
    if (task === undefined) {
      cancelled.add(id)
      return
    }
    try {
      const { reply, transfer = [] } = await perform(task, () => cancelled.has(id))
      port?.postMessage({ id, reply } satisfies ReplyMessage<Reply>, [...transfer])
    } catch (error) {
      port?.postMessage({ id, failure: failureOf(error) } satisfies ReplyMessage<Reply>)
    }
    cancelled.delete(id)
  }
  port?.on('message', (message: TaskMessage<Task>) => void answer(message))
}

function failureOf(error: unknown): { message: string; code?: string | undefined } {
  if (!(error instanceof Error)) return { message: String(error) }
  return { message: error.message, code: 'code' in error && typeof error.code === 'string' ? error.code : undefined }
}
