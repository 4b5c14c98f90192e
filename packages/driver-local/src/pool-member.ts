import { StorageError } from '@filegate/core'
import { Worker } from 'node:worker_threads'
import type { ReplyMessage, TaskMessage } from './worker-tasks.ts'

export interface Job<Task, Reply> {
  readonly id: number
  readonly task: Task
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

/** A worker of a pool; it does one job at a time. */
export interface PoolMember<Task, Reply> {
  readonly job: Job<Task, Reply> | undefined
  begin(job: Job<Task, Reply>): void
  /** Tells the worker that nobody waits for its job any more. */
  callOff(): void
  end(): Promise<unknown>
}

export interface MemberOptions {
  readonly module: URL
  /** How long it is kept without work, in milliseconds. Meanwhile it does not keep the process alive. */
  readonly idleTime: number
  /** Called when it is ready for another job. */
  readonly onFree: () => void
  /** Called, maybe twice, when it takes no more jobs. One that it had has been rejected. */
  readonly onEnd: () => void
}

export function startMember<Task, Reply>({ module, idleTime, onFree, onEnd }: MemberOptions): PoolMember<Task, Reply> {
  const worker = new Worker(module)
  let job: Job<Task, Reply> | undefined
  let retirement: NodeJS.Timeout | undefined

  const abandon = (error: StorageError): void => {
    clearTimeout(retirement)
    job?.reject(error)
    job = undefined
  }
  /** Leaves the pool first, or a job might be given to a thread that is about to end. */
  const retire = (): void => {
    onEnd()
    void worker.terminate()
  }
  worker.on('error', (cause) => abandon(new StorageError('Unexpected', 'A worker thread failed.', { cause })))
  worker.on('exit', () => {
    abandon(new StorageError('Unavailable', 'A worker thread ended before its work was done.'))
    onEnd()
  })
  worker.on('message', ({ id, reply, failure }: ReplyMessage<Reply>) => {
    if (job?.id !== id) return
    if (failure) job.reject(rebuilt(failure))
    else if (reply !== undefined) job.resolve(reply)
    job = undefined
    worker.unref()
    retirement = setTimeout(retire, idleTime).unref()
    onFree()
  })
  return {
    get job() {
      return job
    },
    begin(next) {
      clearTimeout(retirement)
      job = next
      worker.ref()
      worker.postMessage({ id: next.id, task: next.task } satisfies TaskMessage<Task>)
    },
    callOff() {
      if (job) worker.postMessage({ id: job.id } satisfies TaskMessage<Task>)
    },
    end: () => worker.terminate(),
  }
}

/** The error of `node:fs` that a worker met, as `classify` knows it. */
function rebuilt({ message, code }: { readonly message: string; readonly code?: string | undefined }): Error {
  return code === undefined ? new Error(message) : Object.assign(new Error(message), { code, syscall: 'worker' })
}
