import { StorageError } from '../error.ts'
import { around, type Layer } from './around.ts'
import type { Pacer } from './pacer.ts'

/** Asks the vendor no faster than the account allows, and slower when the vendor says so. */
export function paced(pacer: Pacer): Layer {
  return (inner) =>
    around(inner, (call, proceed) =>
      pacer.run(async () => {
        const startedAt = pacer.now()
        try {
          const result = await proceed()
          pacer.recover()
          return result
        } catch (error) {
          if (StorageError.is(error, 'Throttled')) pacer.slowDown(startedAt, error.retryAfter)
          throw error
        }
      }, call.options.signal),
    )
}
