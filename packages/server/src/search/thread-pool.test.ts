import { siblingModule } from '@filegate/core'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createThreadPool, type PoolLimits } from './thread-pool.ts'
import type { Answer, Question } from './thread-messages.ts'

const closing: (() => Promise<void>)[] = []
afterAll(() => Promise.all(closing.map((close) => close())))

function poolOf(limits: PoolLimits) {
  const pool = createThreadPool<Question, Answer>(siblingModule(import.meta.url, './grep-thread'), limits)
  closing.push(() => pool.close())
  return pool
}

const deaf = { onAnswer: () => {}, onFailure: () => {} }

describe('a pool of threads', () => {
  it('gives a thread to one request at a time, and no more than there may be', () => {
    const pool = poolOf({ most: 1, idleTime: 60_000 })
    const thread = pool.take(deaf)
    expect(thread).toBeDefined()
    expect(pool.take(deaf)).toBeUndefined()
    thread?.release(true)
    expect(pool.take(deaf)).toBeDefined()
  })

  it('starts none where only idle ones are asked for', () => {
    const pool = poolOf({ most: 1, idleTime: 60_000 })
    expect(pool.take(deaf, false)).toBeUndefined()
    pool.take(deaf)?.release(true)
    expect(pool.take(deaf, false)).toBeDefined()
  })

  it('ends a thread that is released in the middle of its work', () => {
    const pool = poolOf({ most: 1, idleTime: 60_000 })
    pool.take(deaf)?.release(false)
    expect(pool.take(deaf, false)).toBeUndefined()
    expect(pool.take(deaf)).toBeDefined()
  })

  it('ends threads without work after a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const pool = poolOf({ most: 2, idleTime: 2000 })
      const [one, other] = [pool.take(deaf), pool.take(deaf)]
      one?.release(true)
      other?.release(true)
      vi.advanceTimersByTime(1999)
      pool.take(deaf, false)?.release(true)
      vi.advanceTimersByTime(1999)
      // The one that was used meanwhile is still there, the other is not.
      expect(pool.take(deaf, false)).toBeDefined()
      expect(pool.take(deaf, false)).toBeUndefined()
    } finally {
      vi.useRealTimers()
    }
  })

  it('tells of a thread that fails, and starts another', async () => {
    const pool = poolOf({ most: 1, idleTime: 60_000 })
    const failure = Promise.withResolvers<Error>()
    const thread = pool.take({ onAnswer: () => {}, onFailure: failure.resolve })
    // A piece of a file before any search has begun.
    thread?.post({ type: 'files', paths: [] })
    await expect(failure.promise).resolves.toMatchObject({ code: 'Unexpected' })
    expect(pool.take(deaf)).toBeDefined()
  })
})
