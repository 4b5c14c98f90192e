import { describe, expect, it } from 'vitest'
import { createKnownFolders, isLasting } from './known-folders.ts'

const stamp = { dev: 1, ino: 2, ctimeMs: 1000 }

describe('what folders are known to hold', () => {
  it.each([
    ['was changed since', { ...stamp, ctimeMs: 1000.001 }],
    ['is another one', { ...stamp, ino: 3 }],
    ['is on another disk', { ...stamp, dev: 2 }],
  ])('is forgotten of one that %s', (_, now) => {
    const known = createKnownFolders()
    known.remember('/a', stamp, 'fone/')
    expect(known.find('/a', stamp)).toBe('fone/')
    expect(known.find('/a', now)).toBeUndefined()
    expect(known.has('/a')).toBe(false)
  })

  it('takes no more memory than it may: what was asked for longest ago is forgotten first', () => {
    const known = createKnownFolders(10_000)
    for (let number = 0; number < 100; number++) {
      known.remember(`/${number}`, stamp, 'f'.repeat(800))
      known.find('/0', stamp)
    }
    const kept = Array.from({ length: 100 }, (_, number) => number).filter((number) => known.has(`/${number}`))
    expect(kept).toEqual([0, 92, 93, 94, 95, 96, 97, 98, 99])
    known.remember('/large', stamp, 'f'.repeat(9000))
    expect(known.has('/large')).toBe(false)
    for (let number = 0; number < 100; number++) known.remember('/same', stamp, 'f'.repeat(800))
    expect(known.has('/99')).toBe(true)
  })

  it('is not to be kept of a folder that has just changed, whose next change could bear the same time', () => {
    expect([isLasting(stamp, 3000), isLasting(stamp, 3001), isLasting(stamp, 900)]).toEqual([false, true, false])
  })
})
