import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { siblingModule } from '@filegate/core'
import { type IsolatedLimits, isolatedRunner, type IsolateEvents } from '../isolated/isolated-runner.ts'
import { createThumbnailCache, type ThumbnailCache } from './thumbnail-cache.ts'
import type { ThumbnailTask } from './thumbnail-process.ts'

/** Makes thumbnails, one at a time, in a process of its own, and keeps them. */
export interface Thumbnailer {
  readonly cache: ThumbnailCache
  /** @throws StorageError that says what is wrong with the picture, or `Unsupported` without the library. */
  make(task: ThumbnailTask, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
  close(): void
}

const limits: IsolatedLimits = { deadline: 25_000, idleTime: 30_000, mostWaiting: 200 }

export function createThumbnailer(dataDirectory: string | undefined): Thumbnailer {
  const runner = isolatedRunner({ start: startProcess, subject: 'The picture', limits })
  return {
    cache: createThumbnailCache(dataDirectory),
    async make(task, signal) {
      return new Uint8Array(await runner.run(task, signal))
    },
    close: () => runner.close(),
  }
}

function startProcess({ onReply, onBreakdown }: IsolateEvents<Uint8Array>) {
  const child = fork(fileURLToPath(siblingModule(import.meta.url, './thumbnail-process')), {
    serialization: 'advanced',
    // Of our environment a decoder needs nothing, and it is where secrets are.
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  child
    .on('message', (reply: Parameters<typeof onReply>[0]) => onReply(reply))
    .on('error', onBreakdown)
    .on('exit', onBreakdown)
  child.unref()
  child.channel?.unref()
  return {
    post: (task: ThumbnailTask) => void child.send(task),
    end() {
      child.removeAllListeners().on('error', () => {})
      child.kill('SIGKILL')
    },
  }
}
