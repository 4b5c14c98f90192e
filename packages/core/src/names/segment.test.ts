import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinPath, root } from '../path.ts'
import { nameOfSegment, segmentOfName } from './segment.ts'

const names = fc
  .array(fc.constantFrom('/', '.', '\0', 'a', 'é', '\uFDD0', '\uFDD1', '\uFDD2', '\uFDD3', '\uFDD4'), { maxLength: 6 })
  .map((parts) => parts.join(''))

describe('segments of paths', () => {
  it('are the name itself for nearly every name', () => {
    for (const name of ['a', 'notes.txt', '...', '漢字', 'a／b', '‛']) expect(segmentOfName(name)).toBe(name)
  })

  it('can carry any name, and give it back', () => {
    fc.assert(
      fc.property(fc.oneof(names, fc.string({ unit: 'grapheme' })), (name) => {
        const segment = segmentOfName(name)
        expect(joinPath(root, segment)).toBe(segment)
        expect(nameOfSegment(segment)).toBe(name)
      }),
    )
  })

  it('tell names apart', () => {
    fc.assert(
      fc.property(names, names, (one, other) => {
        expect(segmentOfName(one) === segmentOfName(other)).toBe(one === other)
      }),
    )
  })
})
