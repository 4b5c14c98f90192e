import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, childPath, idOf, itemPath } from './address.ts'
import { clouds } from './clouds.ts'

describe('addresses', () => {
  it('are one text, and come back from it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (drive, item) => {
        fc.pre(!drive.includes('#'))
        expect(addressOf(idOf({ drive, item }))).toEqual({ drive, item })
      }),
    )
    expect(addressOf('F4CF!321', 'home')).toEqual({ drive: 'home', item: 'F4CF!321' })
  })

  it('are parts of a URL, whatever is in them', () => {
    expect(itemPath({ drive: 'b!x/../y', item: '?a#b' })).toBe('/drives/b!x%2F..%2Fy/items/%3Fa%23b')
  })

  it.each([
    ['a b.txt', '/drives/d/items/i:/a%20b.txt:', "/drives/d/items/i/children('a%20b.txt')"],
    ["it's 100%#?", "/drives/d/items/i:/it's%20100%25%23%3F:", "/drives/d/items/i/children('it''s%20100%25%23%3F')"],
  ])('lead to what is called %s in each cloud', (name, byPath, byChild) => {
    expect(childPath({ drive: 'd', item: 'i' }, name, clouds.global)).toBe(byPath)
    expect(childPath({ drive: 'd', item: 'i' }, name, clouds.cn)).toBe(byChild)
  })
})
