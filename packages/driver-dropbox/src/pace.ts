import { type Clock, createPacer, type Pace, parseRetryAfter, StorageError } from '@filegate/core'
import type { DropboxOptions } from './options.ts'

type Fetch = typeof globalThis.fetch

/** Seconds between two requests, where nothing else is asked for. */
const usualGap = 0.01

/** At the same time, since each upload holds a chunk in memory. */
const mostCalls = 64

/** Seconds that a request may wait for its turn, of the minute that an operation has to begin with an answer. */
const patience = 20

const gapOf = ({ pacer_min_sleep: gap }: Pick<DropboxOptions, 'pacer_min_sleep'>): number => gap || usualGap

/** How many operations may be under way at once: of more than that, some would wait so long that Dropbox seems slow. */
export const paceFor = (options: Pick<DropboxOptions, 'pacer_min_sleep'>): Pace => ({
  concurrency: Math.min(mostCalls, Math.max(1, Math.floor(patience / gapOf(options)))),
})

/** Sends one request after the other with the gap between them, of which an operation may make many. */
export function pacedFetch(fetch: Fetch, options: Pick<DropboxOptions, 'pacer_min_sleep'>, clock: Clock): Fetch {
  const pacer = createPacer({ perSecond: 1 / gapOf(options) }, clock)
  return async (input, init) => {
    let answer: Response | undefined
    try {
      return await pacer.run(async () => {
        answer = await fetch(input, init)
        if (answer.status === 429) throw tooMany(answer)
        return answer
      }, init?.signal ?? undefined)
    } catch (error) {
      if (answer) return answer
      throw error
    }
  }
}

/** From which the pacer learns to go slower; whoever asked gets the answer itself. */
function tooMany({ headers }: Response): StorageError {
  const said = headers.get('retry-after')
  const seconds = said === null ? undefined : parseRetryAfter(said)
  return new StorageError('Throttled', 'Dropbox asks for fewer requests.', {
    retryAfter: seconds === undefined ? undefined : Math.min(patience, seconds),
  })
}
