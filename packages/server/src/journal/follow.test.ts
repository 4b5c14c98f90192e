import { parsePath, root } from '@filegate/core'
import { expect, it } from 'vitest'
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
