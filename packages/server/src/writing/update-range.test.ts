import { StorageError } from '@filegate/core'
import { assert, nat, oneof, property, string as anyString, stringMatching } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseUpdateRange } from './update-range.ts'

const offset = nat(1e12)

/** What was understood, written down again. */
function spelled(text: string): string {
  try {
    const range = parseUpdateRange(text)
    return 'append' in range ? 'append' : `bytes=${text.trim().slice(6)}`
  } catch (error) {
    return StorageError.is(error, 'InvalidArgument') ? 'refused' : 'failed'
  }
}

describe('X-Update-Range', () => {
  it('says to append, or which bytes', () => {
    expect(parseUpdateRange('append')).toEqual({ append: true })
    expect(parseUpdateRange(' Append ')).toEqual({ append: true })
    expect(parseUpdateRange('bytes=0-0')).toEqual({ first: 0, last: 0 })
    expect(parseUpdateRange('bytes=7-')).toEqual({ first: 7, last: undefined })
  })

  it('gives back any range that has its ends in order, and refuses any other', () => {
    assert(
      property(offset, offset, (one, other) => {
        const [first, last] = [Math.min(one, other), Math.max(one, other)]
        expect(parseUpdateRange(`bytes=${first}-${last}`)).toEqual({ first, last })
        expect(() => parseUpdateRange(`bytes=${last + 1}-${first}`)).toThrow(/X-Update-Range/)
      }),
    )
  })

  it('of any other form is refused in one way', () => {
    const near = stringMatching(/^ ?(bytes)?[=: ]?[0-9-]{0,6}(,|\/)?[0-9*]{0,3}$/)
    assert(
      property(oneof(anyString(), near), (text) => {
        expect([text.trim().toLowerCase(), 'refused']).toContain(spelled(text))
      }),
    )
  })

  it('in the form of Content-Range is refused', () => {
    for (const text of ['bytes=0-4/10', 'bytes 0-4/10', 'bytes=-5', 'bytes=', 'bytes=1-2,4-5', 'items=1-2', '']) {
      expect(() => parseUpdateRange(text), text).toThrow(/X-Update-Range/)
    }
  })
})
