import { parsePath, root } from '@filegate/core'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createFollow } from './follow.ts'
import { createMovesUnderWay } from './moves-under-way.ts'

it('what could not be entered is looked for again, everywhere', async () => {
  const looked: string[][] = []
  const problems: unknown[] = []
  let isFull = true
  const look = async (paths: Iterable<string>): Promise<undefined> => {
    looked.push([...paths])
    if (isFull) throw new Error('no room')
  }
  const follow = createFollow({
    survey: { paths: (paths) => look(paths), tree: (folder) => look([folder]) },
    underWay: createMovesUnderWay(),
    report: (error) => problems.push(error),
  })
  follow.changed(parsePath('a'))
  await follow.idle()
  await follow.idle()
  isFull = false
  await follow.idle()
  await follow.idle()
  await follow.close()
  expect(looked).toEqual([['a'], [root], [root]])
  expect(problems).toHaveLength(2)
})

it('what changed is looked at within a second, so that the journal tells of it within two', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const looked: string[] = []
  const follow = createFollow({
    survey: { paths: async (paths) => void looked.push(...paths), tree: () => Promise.reject(new Error('too much')) },
    underWay: createMovesUnderWay(),
    report: (error) => expect(error).toBeUndefined(),
  })
  // Changes that follow each other do not put it off.
  for (const name of ['a', 'b', 'c', 'd']) {
    follow.changed(parsePath(name))
    await vi.advanceTimersByTimeAsync(250)
  }
  expect(looked).toContain('a')
  await vi.advanceTimersByTimeAsync(750)
  expect(looked).toEqual(['a', 'b', 'c', 'd'])
  await follow.close()
})
