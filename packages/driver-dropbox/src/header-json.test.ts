import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { headerJson } from './header-json.ts'

/** Of any UTF-16 units, halves of pairs among them. */
const anyText = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))

it('JSON for a header is ASCII that may stand in one, and says the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), anyText, (value, text) => {
      const written = headerJson({ value, text })
      expect(written).toMatch(/^[\x20-\x7e]*$/)
      expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify({ value, text })))
      expect(new Headers({ 'Dropbox-API-Arg': written }).get('dropbox-api-arg')).toBe(written)
    }),
  )
})

it('characters beyond the basic plane are two escapes, and DEL is one', () => {
  expect(headerJson('é😀\u007f')).toBe('"\\u00e9\\ud83d\\ude00\\u007f"')
})
