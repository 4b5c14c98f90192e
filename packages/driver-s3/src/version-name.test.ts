import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseVersionName, versionName } from './version-name.ts'

const time = Date.UTC(2024, 4, 1, 10, 15, 0, 123)

describe('the name of an older version', () => {
  it.each([
    ['a.txt', 'a-v2024-05-01-101500-123.txt'],
    ['dir.d/a', 'dir.d/a-v2024-05-01-101500-123'],
    ['a.tar.gz', 'a.tar-v2024-05-01-101500-123.gz'],
    ['.hidden', '-v2024-05-01-101500-123.hidden'],
  ])('%s is shown as %s', (key, shown) => {
    expect(versionName(key, time)).toBe(shown)
    expect(parseVersionName(shown)).toEqual({ key, modified: time })
  })

  it('leads back to what it was made of', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
        (key, date) => {
          expect(parseVersionName(versionName(key, date.getTime()))).toEqual({ key, modified: date.getTime() })
        },
      ),
    )
  })

  it.each(['a.txt', 'a-v2024-05-01.txt', 'a-v2024-13-41-101500-123.txt', 'a-v2024-05-01-101500-123.d/b'])(
    '%s is none',
    (name) => {
      expect(parseVersionName(name)).toBeUndefined()
    },
  )
})
