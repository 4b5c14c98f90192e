import type { FromWorker, ToWorker } from '../cluster-messages.ts'
import { createPathLocks, type Held, type PathLocks, type Release } from './path-locks.ts'

/** What a worker sends to the first process, which keeps the locks of all. */
export type LockRequest = { readonly hold: number; readonly places: readonly Held[] } | { readonly release: number }

/** What comes back. */
export interface LockAnswer {
  readonly held: number
  readonly granted: boolean
}

interface Channel {
  send(message: FromWorker): void
  onMessage(listener: (message: ToWorker) => void): void
}

/** The locks of a worker: each is asked for at the first process, so that it holds for all workers. */
export function locksOfWorker(channel: Channel): PathLocks {
  const waiting = new Map<number, (granted: boolean) => void>()
  let last = 0
  channel.onMessage((message) => {
    if (!('held' in message)) return
    waiting.get(message.held)?.(message.granted)
    waiting.delete(message.held)
  })
  return {
    async hold(places) {
      const number = ++last
      const granted = await new Promise<boolean>((resolve) => {
        waiting.set(number, resolve)
        channel.send({ hold: number, places })
      })
      if (!granted) return undefined
      let isOver = false
      return () => {
        if (!isOver) channel.send({ release: number })
        isOver = true
      }
    },
  }
}

/** The locks of all workers, kept by the first process. */
export function createSharedLocks() {
  const locks = createPathLocks()
  const ofWorkers = new Map<number, Map<number, Release>>()

  function releasesOf(worker: number): Map<number, Release> {
    const known = ofWorkers.get(worker) ?? new Map<number, Release>()
    ofWorkers.set(worker, known)
    return known
  }
  return {
    answer(worker: number, request: LockRequest): LockAnswer | undefined {
      const releases = releasesOf(worker)
      if ('release' in request) {
        releases.get(request.release)?.()
        releases.delete(request.release)
        return undefined
      }
      const release = locks.tryHold(request.places)
      if (release) releases.set(request.hold, release)
      return { held: request.hold, granted: release !== undefined }
    },
    /** What a worker held that is no more. */
    free(worker: number): void {
      for (const release of ofWorkers.get(worker)?.values() ?? []) release()
      ofWorkers.delete(worker)
    },
  }
}
