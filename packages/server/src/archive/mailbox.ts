import type { Worker } from 'node:worker_threads'

/** The messages of a thread one after the other. */
export interface Mailbox<Message> {
  /** @throws Error when the thread has failed or ended. */
  readonly next: () => Promise<Message>
}

export function createMailbox<Message>(worker: Worker): Mailbox<Message> {
  const arrived: Message[] = []
  let failure: unknown
  let failed = false
  let waiting: { resolve(message: Message): void; reject(error: unknown): void } | undefined

  worker.on('message', (message: Message) => {
    const reader = waiting
    waiting = undefined
    if (reader) reader.resolve(message)
    else arrived.push(message)
  })
  const fail = (error: unknown): void => {
    if (!failed) failure = error
    failed = true
    waiting?.reject(failure)
    waiting = undefined
  }
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('The thread ended.')))

  return {
    next() {
      const message = arrived.shift()
      if (message !== undefined) return Promise.resolve(message)
      if (failed) return Promise.reject(failure instanceof Error ? failure : new Error(String(failure)))
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
      })
    },
  }
}
