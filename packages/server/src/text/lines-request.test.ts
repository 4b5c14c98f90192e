import { StorageError } from '@filegate/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLines } from './lines-request.ts'

function isSensibleOrRefused(text: string): boolean {
  try {
    const request = parseLines(text)
    return 'tail' in request ? request.tail > 0 : request.first > 0 && request.last >= request.first
  } catch (error) {
    return StorageError.is(error, 'InvalidArgument')
  }
}

describe('the parameter that asks for lines', () => {
  it('takes a range, one line, everything from a line on, and the last lines', () => {
    expect(parseLines('10-50')).toEqual({ first: 10, last: 50 })
    expect(parseLines('7-7')).toEqual({ first: 7, last: 7 })
    expect(parseLines('100')).toEqual({ first: 100, last: 100 })
    expect(parseLines('50-')).toEqual({ first: 50, last: Infinity })
    expect(parseLines('-20')).toEqual({ tail: 20 })
  })

  it.each([
    '',
    '-',
    '--5',
    '0',
    '-0',
    '0-5',
    '0-',
    '50-10',
    '5-0',
    'abc',
    '1-2-3',
    '1,2',
    '1.5',
    '1e3',
    '+1',
    ' 1',
    '1 ',
    '10- 20',
    '0x10',
    '\u0661',
    '9007199254740992',
    '1-9007199254740992',
    `-${'9'.repeat(400)}`,
  ])('refuses %j and says what it takes', (text) => {
    expect(() => parseLines(text)).toThrow(/10-50 .*100 .*50- .*-20 /)
  })

  it('gives lines from 1 on or refuses, whatever it is given', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-0-9a]{0,12}$/), (text) => {
        expect(isSensibleOrRefused(text)).toBe(true)
      }),
    )
  })
})
