import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type IsolateEvents, isolatedRunner } from './isolated-runner.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Work that takes a second at most, in an isolate that does what the test says. */
function runnerOf() {
  const isolates: { readonly events: IsolateEvents<string>; readonly tasks: string[]; hasEnded: boolean }[] = []
  const runner = isolatedRunner<string, string>({
    subject: 'The work',
    limits: { deadline: 1000, idleTime: 5000, mostWaiting: 8 },
    start(events) {
      const isolate = { events, tasks: [] as string[], hasEnded: false }
      isolates.push(isolate)
      return { post: (task) => void isolate.tasks.push(task), end: () => void (isolate.hasEnded = true) }
    },
  })
  return { runner, isolates }
}

describe('work in an isolate', () => {
  it('has its time from when the isolate has started, however long that takes', async () => {
    const { runner, isolates } = runnerOf()
    const first = runner.run('first')
    vi.advanceTimersByTime(15_000)
    isolates[0]?.events.onReply({ started: true })
    vi.advanceTimersByTime(999)
    isolates[0]?.events.onReply({ result: 'done' })
    expect(await first).toBe('done')
    const second = runner.run('second')
    vi.advanceTimersByTime(1000)
    await expect(second).rejects.toMatchObject({ code: 'TimedOut', message: 'The work takes longer than 1 seconds.' })
    expect(isolates).toMatchObject([{ tasks: ['first', 'second'], hasEnded: true }])
  })

  it('is given up when its time is over after the start, and the next has an isolate and a start of its own', async () => {
    const { runner, isolates } = runnerOf()
    const outcomes = Promise.allSettled([runner.run('slow'), runner.run('next')])
    vi.advanceTimersByTime(5000)
    isolates[0]?.events.onReply({ started: true })
    vi.advanceTimersByTime(1000)
    vi.advanceTimersByTime(5000)
    isolates[1]?.events.onReply({ started: true })
    isolates[1]?.events.onReply({ result: 'done' })
    expect(await outcomes).toMatchObject([
      { status: 'rejected', reason: { code: 'TimedOut' } },
      { status: 'fulfilled', value: 'done' },
    ])
  })

  it('is given up when the isolate does not start', async () => {
    const { runner, isolates } = runnerOf()
    const work = runner.run('work')
    vi.advanceTimersByTime(20_000)
    await expect(work).rejects.toMatchObject({
      code: 'TimedOut',
      message: expect.stringContaining('could not be begun'),
    })
    expect(isolates[0]?.hasEnded).toBe(true)
  })
})
