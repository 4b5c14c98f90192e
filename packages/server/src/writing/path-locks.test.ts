import { isWithin, parsePath } from '@filegate/core'
import { array, assert, boolean as anyBoolean, constantFrom, nat, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPathLocks, type Held } from './path-locks.ts'
import { createSharedLocks } from './shared-locks.ts'

const at = (path: string, whole = false): Held => ({ path: parsePath(path), whole })

describe('locks of paths', () => {
  it('let one at a path, and the next one after it', () => {
    const locks = createPathLocks()
    const release = locks.tryHold([at('a/b')])
    expect(locks.tryHold([at('a/b')])).toBeUndefined()
    expect(locks.tryHold([at('a/c')])).toBeDefined()
    release?.()
    release?.()
    expect(locks.tryHold([at('a/b')])).toBeDefined()
    expect(locks.tryHold([at('a/b')])).toBeUndefined()
  })

  it('keep a folder from who wants all of it while something in it is held, and the other way round', () => {
    const locks = createPathLocks()
    const file = locks.tryHold([at('a/b/c')])
    expect(locks.tryHold([at('a', true)])).toBeUndefined()
    expect(locks.tryHold([at('a')])).toBeDefined()
    expect(locks.tryHold([at('ab', true)])).toBeDefined()
    file?.()
    expect(locks.tryHold([at('a/b', true)])).toBeDefined()
    expect(locks.tryHold([at('a/b/c')])).toBeUndefined()
  })

  it('give all that is asked for or none of it', () => {
    const locks = createPathLocks()
    locks.tryHold([at('b')])
    expect(locks.tryHold([at('a'), at('b')])).toBeUndefined()
    expect(locks.tryHold([at('a'), at('a'), at('a/x', true)])).toBeDefined()
  })

  it('never let two hold what overlaps, and keep nothing of what was released', () => {
    const paths = array(constantFrom('a', 'b', 'c'), { maxLength: 3 }).map((names) => names.join('/'))
    const steps = array(record({ path: paths, whole: anyBoolean(), release: nat(5) }), { maxLength: 60 })
    assert(
      property(steps, (asked) => {
        const locks = createPathLocks()
        const held: { place: Held; release: () => void }[] = []
        for (const { path, whole, release } of asked) {
          const place = at(path, whole)
          const overlaps = held.some(
            ({ place: other }) =>
              other.path === place.path ||
              (whole && isWithin(other.path, place.path)) ||
              (other.whole && isWithin(place.path, other.path)),
          )
          const got = locks.tryHold([place])
          expect(got === undefined).toBe(overlaps)
          if (got) held.push({ place, release: got })
          held.splice(release, 1)[0]?.release()
        }
        for (const { release } of held) release()
        expect(locks.tryHold([at('', true)])).toBeDefined()
      }),
    )
  })

  it('of a worker that is no more are free', () => {
    const shared = createSharedLocks()
    expect(shared.answer(1, { hold: 1, places: [at('a')] })).toEqual({ held: 1, granted: true })
    expect(shared.answer(2, { hold: 1, places: [at('a')] })).toEqual({ held: 1, granted: false })
    shared.answer(2, { release: 1 })
    expect(shared.answer(2, { hold: 2, places: [at('a')] })).toEqual({ held: 2, granted: false })
    shared.free(1)
    expect(shared.answer(2, { hold: 3, places: [at('a')] })).toEqual({ held: 3, granted: true })
  })
})
