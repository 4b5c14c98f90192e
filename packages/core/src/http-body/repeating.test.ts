import { describe, expect, it } from 'vitest'
import { StorageError } from '../error.ts'
import { repeating } from './repeating.ts'

const repeated = repeating('vendor', (error) => (StorageError.is(error) ? undefined : { code: 'Unavailable' }))

/** A request that fails so often, and how often it was made. */
function failing(times: number, error: unknown) {
  const made = { count: 0 }
  const request = async (): Promise<string> => {
    made.count += 1
    if (made.count <= times) throw error
    return 'done'
  }
  return { made, request }
}

describe('a request whose body is still in memory', () => {
  it('is made again after a failure that passes, unless that could do it twice', async () => {
    const broken = failing(1, new Error('broken'))
    expect(await repeated(broken.request, {})).toBe('done')
    const unsure = failing(1, new Error('broken'))
    await expect(repeated(unsure.request, { mayRepeat: false })).rejects.toThrow('broken')
    expect([broken.made.count, unsure.made.count]).toEqual([2, 1])
  })

  it('does not wait for a vendor that asks for a longer pause than anybody waits', async () => {
    const throttled = new StorageError('Throttled', 'Slow down.', { retryAfter: 3600 })
    const { made, request } = failing(1, throttled)
    await expect(repeated(request, { signal: AbortSignal.timeout(5000) })).rejects.toBe(throttled)
    expect(made.count).toBe(1)
  })
})
