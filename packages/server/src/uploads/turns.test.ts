import { afterEach, describe, expect, it, vi } from 'vitest'
import { createPathLocks } from '../writing/path-locks.ts'
import { createTurns } from './turns.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('requests about one upload', () => {
  it('come one at a time, whatever happens to others', async () => {
    const turns = createTurns(createPathLocks())
    const release = await turns.hold(['a', 'b'])
    await expect(turns.hold(['b', 'c'])).rejects.toMatchObject({ code: 'Conflict' })
    const another = await turns.hold(['c'])
    another()
    release()
    const last = await turns.hold(['b', 'c'])
    last()
  })

  it('give way to another one when they have heard nothing for long', async () => {
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    const turns = createTurns(createPathLocks())
    const release = await turns.hold(['a'])
    const underway = turns.underway('a')
    let isBroken = false
    underway.heard(() => {
      isBroken = true
      release()
      underway.end()
    })
    now = 2_000
    await expect(turns.hold(['a'])).rejects.toMatchObject({ code: 'Conflict' })
    expect(isBroken).toBe(false)
    now = 4_000
    const next = await turns.hold(['a'])
    expect(isBroken).toBe(true)
    next()
  })
})
