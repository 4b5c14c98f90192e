import { describe, expect, it } from 'vitest'
import type { ChangesSince } from '../contract.ts'
import { parsePath } from '../path.ts'
import { idStore, topId } from '../testing/id-store.ts'
import { pathOfNames } from './path-of-names.ts'
import { fromTree } from './tree.ts'
import { directoryIds } from './directory-ids.ts'

const minute = 60_000
const [photos, below] = [parsePath('Photos'), parsePath('Photos/2024')]

function setUp(caseSensitive = true) {
  const time = { now: 0 }
  const ids = directoryIds({ rememberFor: minute, now: () => time.now, caseSensitive })
  let last = 0
  let cursor: string | undefined
  const learn = (path = photos): void => ids.set(path, 'id', ids.moment())
  /** The next answer of a feed that is read in a row. */
  const hear = (paths: ChangesSince['paths'] = [], from = cursor): void => {
    const found = { cursor: String(++last), paths }
    ids.heard(found, ids.moment(), from)
    cursor = found.cursor
  }
  return { ids, time, learn, hear }
}

describe('the id of a directory', () => {
  it('is remembered for a while, and longer where a feed says that nothing changed', () => {
    const { ids, time, learn, hear } = setUp()
    hear()
    learn()
    for (time.now = 30_000; time.now < 300_000; time.now += 30_000) {
      hear()
      expect(ids.get(photos)).toBe('id')
    }
    time.now += minute
    expect(ids.get(photos)).toBeUndefined()
  })

  it('is not remembered for ever', () => {
    const { ids, time, learn, hear } = setUp()
    hear()
    learn()
    for (; time.now <= 700_000; time.now += 30_000) hear()
    expect(ids.get(photos)).toBeUndefined()
  })

  it('is forgotten with all below when it changed, or what holds it did', () => {
    const { ids, learn, hear } = setUp()
    hear()
    for (const [told, known] of [
      [[photos], [undefined, undefined]],
      [[below], ['id', undefined]],
      [[parsePath('Photos/2024/a.jpg')], ['id', 'id']],
      [[parsePath('photos')], ['id', 'id']],
      [[parsePath('')], [undefined, undefined]],
      ['all' as const, [undefined, undefined]],
    ] as const) {
      learn()
      learn(below)
      hear(told)
      expect([ids.get(photos), ids.get(below)], String(told)).toEqual(known)
    }
  })

  it('is forgotten in whatever case the change is told, where case does not count', () => {
    const { ids, learn, hear } = setUp(false)
    hear()
    learn(below)
    hear([parsePath('photos')])
    expect(ids.get(below)).toBeUndefined()
  })

  it('lives no longer than without a feed where a change may not have been told of it', () => {
    const { ids, time, hear, learn } = setUp()
    // Learned before the row began.
    learn()
    hear()
    time.now = 50_000
    hear()
    time.now = 70_000
    expect(ids.get(photos)).toBeUndefined()
    // Asked for before a change was told, and learned after.
    const asked = ids.moment()
    hear([photos])
    ids.set(photos, 'stale', asked)
    time.now = 120_000
    hear()
    expect(ids.get(photos)).toBe('stale')
    time.now = 140_000
    expect(ids.get(photos)).toBeUndefined()
    // Read by somebody else in between.
    learn()
    hear([], 'another')
    time.now = 190_000
    hear()
    time.now = 210_000
    expect(ids.get(photos)).toBeUndefined()
  })
})

describe('a tree with a feed', () => {
  it('looks directories up again only when they changed', async () => {
    const time = { now: 0 }
    const store = idStore({ child: true, now: () => time.now })
    const inner = store.put(store.put(topId, 'a'), 'b/c')
    store.put(inner, 'file', new Uint8Array(3))
    const told: ChangesSince['paths'][] = []
    let last = 0
    const driver = fromTree({
      ...store.source,
      changes: async (cursor) => ({ cursor: String(++last), paths: cursor === undefined ? [] : (told.shift() ?? []) }),
    })
    const path = pathOfNames(['a', 'b/c', 'file'])
    let { cursor } = (await driver.changes?.(undefined)) ?? {}
    const lookUps = async (): Promise<number> => {
      time.now += 50_000
      cursor = (await driver.changes?.(cursor))?.cursor
      const before = store.calls.length
      await driver.stat(path)
      return store.calls.length - before
    }
    expect([await lookUps(), await lookUps(), await lookUps()]).toEqual([3, 1, 1])
    told.push([pathOfNames(['a', 'b/c'])])
    expect([await lookUps(), await lookUps()]).toEqual([2, 1])
    told.push('all')
    expect(await lookUps()).toBe(3)
  })
})
