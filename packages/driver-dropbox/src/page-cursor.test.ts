import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatCursor, parseCursor } from './page-cursor.ts'

const anyText = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))

it('a cursor comes back as it was, whatever the vendor put into its own', () => {
  fc.assert(
    fc.property(anyText, fc.nat(5000), fc.integer({ min: 1, max: 2000 }), (from, skip, limit) => {
      expect(parseCursor(formatCursor({ from, skip, limit }))).toEqual({ from, skip, limit })
    }),
  )
})

it.each(['', 'x', '1.2', '-1.2.a', '1.x.a'])('%j is no cursor', (text) => {
  expect(() => parseCursor(text)).toThrow('none that was given out')
})
