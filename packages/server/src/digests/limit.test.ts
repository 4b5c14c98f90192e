import { describe, expect, it } from 'vitest'
import { createLimit } from './limit.ts'

const never = new AbortController().signal

/** Work that lasts until it is told to end. */
function pending() {
  let started = false
  const { promise, resolve } = Promise.withResolvers<void>()
  const work = (): Promise<void> => {
    started = true
    return promise
  }
  return { work, end: resolve, started: () => started }
}

describe('a limit of two', () => {
  it('starts a third as soon as one of the first has ended, well or badly', async () => {
    const limit = createLimit(2)
    const [first, second, third] = [pending(), pending(), pending()]
    const done = limit(first.work, never)
    void limit(second.work, never)
    const failed = limit(() => third.work().then(() => Promise.reject(new Error('bad'))), never)
    expect([first.started(), second.started(), third.started()]).toEqual([true, true, false])
    first.end()
    await done
    expect(third.started()).toBe(true)
    const fourth = limit(async () => 'fourth', never)
    third.end()
    await expect(failed).rejects.toThrow('bad')
    expect(await fourth).toBe('fourth')
  })

  it('forgets who is aborted while waiting, and refuses who comes aborted', async () => {
    const limit = createLimit(1)
    const [first, second] = [pending(), pending()]
    const done = limit(first.work, never)
    const leaving = new AbortController()
    const left = limit(second.work, leaving.signal)
    leaving.abort()
    await expect(left).rejects.toMatchObject({ code: 'Aborted' })
    first.end()
    await done
    expect(second.started()).toBe(false)
    await expect(limit(second.work, leaving.signal)).rejects.toMatchObject({ code: 'Aborted' })
    expect(await limit(async () => 'next', never)).toBe('next')
  })
})
