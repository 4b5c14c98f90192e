import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { siblingModule } from '@filegate/core'
import { expect, it, onTestFinished } from 'vitest'

// Until it does, the task in it has the time that an isolate may take to start, which is much more than its own.

it.each(['../markdown/document-worker', '../text/diff/compare-worker'] as const)(
  '%s says that it has started before it is asked anything',
  async (name) => {
    const worker = new Worker(siblingModule(import.meta.url, name))
    onTestFinished(async () => void (await worker.terminate()))
    expect(await once(worker, 'message')).toEqual([{ started: true }])
  },
)

it('thumbnail-process says that it has started before it is asked anything', async () => {
  const child = fork(fileURLToPath(siblingModule(import.meta.url, '../thumbnails/thumbnail-process')), {
    serialization: 'advanced',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = await once(child, 'message')
  expect(said).toEqual({ started: true })
})
