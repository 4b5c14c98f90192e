import { abortedBy, throwIfAborted } from '@filegate/core'

/**
 * Does the work of a key once for all who ask while it is under way. One who is aborted leaves the others waiting; the
 * work is aborted when the last has left.
 */
export interface SharedWork<T> {
  join(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>
}

interface Flight<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  waiting: number
}

export function createSharedWork<T>(): SharedWork<T> {
  const flights = new Map<string, Flight<T>>()

  function start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const flight: Flight<T> = { controller, waiting: 0, result: work(controller.signal) }
    const forget = (): void => {
      if (flights.get(key) === flight) flights.delete(key)
    }
    // Whoever waits sees the failure; this only keeps it from counting as unhandled when nobody does any more.
    flight.result.then(forget, forget)
    flights.set(key, flight)
    return flight
  }

  return {
    async join(key, signal, work) {
      throwIfAborted(signal)
      const flight = flights.get(key) ?? start(key, work)
      flight.waiting += 1
      let abort = (): void => {}
      const left = new Promise<never>((_, reject) => {
        abort = () => reject(abortedBy(signal))
      })
      signal.addEventListener('abort', abort, { once: true })
      try {
        return await Promise.race([flight.result, left])
      } finally {
        signal.removeEventListener('abort', abort)
        flight.waiting -= 1
        if (flight.waiting === 0 && flights.get(key) === flight) {
          // Who comes now must not join what is ending.
          flights.delete(key)
          flight.controller.abort()
        }
      }
    },
  }
}
