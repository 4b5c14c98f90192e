import { abortedBy, StorageError } from '@filegate/core'

/** Lets only so many do heavy work at a time; the others wait for a while. */
export interface Turns {
  /**
   * Resolves when it is one's turn.
   * @throws StorageError `Throttled` when too many wait already, or when no turn comes.
   */
  take(signal: AbortSignal): Promise<Turn>
}

export interface Turn {
  /** Aborts when the turn is taken away: its work is to be stopped. */
  readonly lost: AbortSignal
  /** Says that the work stands still until `resume`. Who stands still for long makes room for those who wait. */
  pause(): void
  /** @throws StorageError `TimedOut` when the turn was taken away meanwhile. */
  resume(): void
  /** May be called several times. */
  end(): void
}

export interface TurnLimits {
  readonly atOnce: number
  readonly mostWaiting: number
  /** Milliseconds that one waits for a turn. */
  readonly patience: number
  /** Milliseconds that one may stand still while others wait. */
  readonly longestPause: number
}

export function createTurns({ atOnce, mostWaiting, patience, longestPause }: TurnLimits): Turns {
  const running = new Set<() => void>()
  /** How to take turns away that have stood still for too long. */
  const overdue = new Set<() => void>()
  const waiting = new Set<() => void>()

  function begin(): Turn {
    const lost = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const settle = (): void => {
      clearTimeout(timer)
      overdue.delete(lose)
    }
    const end = (): void => {
      settle()
      if (!running.delete(end)) return
      for (const start of waiting) if (running.size < atOnce) start()
    }
    const lose = (): void => {
      lost.abort()
      end()
    }
    running.add(end)
    return {
      lost: lost.signal,
      end,
      pause() {
        timer = setTimeout(() => (waiting.size > 0 ? lose() : overdue.add(lose)), longestPause).unref()
      },
      resume() {
        settle()
        if (lost.signal.aborted) throw tooSlow()
      },
    }
  }

  return {
    take(signal) {
      if (signal.aborted) return Promise.reject(abortedBy(signal))
      const [lose] = overdue
      if (running.size >= atOnce) lose?.()
      if (running.size < atOnce) return Promise.resolve(begin())
      if (waiting.size >= mostWaiting) return Promise.reject(busy())
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting.delete(start)
          signal.removeEventListener('abort', abort)
          clearTimeout(timer)
        }
        const start = (): void => (leave(), resolve(begin()))
        const abort = (): void => (leave(), reject(abortedBy(signal)))
        const timer = setTimeout(() => (leave(), reject(busy())), patience)
        waiting.add(start)
        signal.addEventListener('abort', abort, { once: true })
      })
    },
  }
}

const busy = (): StorageError =>
  new StorageError('Throttled', 'Too many archives are being unpacked at the moment. Try again soon.', {
    retryAfter: 5,
  })

const tooSlow = (): StorageError =>
  new StorageError('TimedOut', 'What was unpacked was not read for so long that others, who waited, had their turn.')
