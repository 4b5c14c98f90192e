import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

interface Form {
  readonly hasMark: boolean
}
interface EditText {
  readonly openText: (bytes: Uint8Array) => { readonly text: string; readonly form: Form } | undefined
  readonly bytesOf: (text: string, form: Form) => Uint8Array
  readonly formName: (form: Form) => string
  readonly firstDifference: (one: string, other: string) => number
  readonly placeIn: (text: string, offset: number) => { readonly line: number; readonly column: number }
  readonly indented: (text: string, start: number, end: number, outwards: boolean) => Change
}
interface Change {
  readonly from: number
  readonly to: number
  readonly text: string
}
/** The module as the browser gets it. */
const { openText, bytesOf, formName, firstDifference, placeIn, indented } = (await import(
  new URL('../../assets/edit-text.js', import.meta.url).href
)) as EditText

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const edited = (before: string, edit: (text: string) => string): string => {
  const opened = openText(encode(before))
  if (!opened) throw new Error('not opened')
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesOf(edit(opened.text), opened.form))
}

describe('a text in the editor', () => {
  it('comes back byte for byte when nothing is changed', () => {
    const piece = fc.oneof(
      fc.constantFrom('\r\n', '\n', '\r', 'a', '', '\uFEFF', '\u2028', '\v'),
      fc.string({ unit: 'grapheme' }),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('').replaceAll('\0', '')
        expect(edited(text, (same) => same)).toBe(text)
      }),
    )
  })

  it('keeps its line ends and its byte order mark when it is changed', () => {
    expect(edited('one\r\ntwo\r\n', (text) => `${text}three\n`)).toBe('one\r\ntwo\r\nthree\r\n')
    expect(edited('\uFEFFone\n', (text) => text.replace('one', 'uno'))).toBe('\uFEFFuno\n')
    expect(edited('one\rtwo', (text) => `zero\n${text}`)).toBe('zero\rone\rtwo')
    expect(edited('', () => 'new\n')).toBe('new\n')
  })

  it('keeps the ends of lines that stay where they are of several kinds', () => {
    const mixed = 'a\r\nb\nc\r\n\r\nd\r\n'
    expect(edited(mixed, (text) => text.replace('b', 'B'))).toBe('a\r\nB\r\nc\r\n\r\nd\r\n')
    expect(edited(mixed, (text) => `new\n${text}`)).toBe(`new\r\n${mixed}`)
    expect(edited(mixed, (text) => text.replace('c\n', ''))).toBe('a\r\nb\n\r\nd\r\n')
  })

  it('shows line feeds only, and says what there is', () => {
    expect(openText(encode('a\r\nb\rc\n'))?.text).toBe('a\nb\nc\n')
    const name = (text: string): string => formName(openText(encode(text))?.form ?? { hasMark: false })
    expect(['a\n', 'a\r\n', '\uFEFFa\r', 'a\nb\r\n'].map(name)).toEqual([
      'UTF-8, LF',
      'UTF-8, CRLF',
      'UTF-8 with BOM, CR',
      'UTF-8, mixed line ends',
    ])
  })

  it('is not opened when it is no UTF-8, or holds what a field would lose', () => {
    expect(openText(new Uint8Array([0x61, 0xe9]))).toBeUndefined()
    expect(openText(new Uint8Array([0xed, 0xa0, 0x80]))).toBeUndefined()
    expect(openText(encode('a\0b'))).toBeUndefined()
  })
})

describe('the place in a text', () => {
  it('is counted from 1', () => {
    expect([0, 2, 3, 4, 6].map((offset) => placeIn('ab\ncd\n', offset))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 3 },
      { line: 2, column: 1 },
      { line: 2, column: 2 },
      { line: 3, column: 1 },
    ])
  })

  it('of the first difference is told by its line', () => {
    expect(firstDifference('a\nb\nc', 'a\nb\nx')).toBe(3)
    expect(firstDifference('a\nb', 'a\nb\nc')).toBe(2)
    expect(firstDifference('x', 'y')).toBe(1)
  })
})

describe('indenting', () => {
  const change = (text: string, start: number, end: number, outwards: boolean): string => {
    const { from, to, text: changed } = indented(text, start, end, outwards)
    return text.slice(0, from) + changed + text.slice(to)
  }

  it('moves whole lines, and not the one that a selection only touches', () => {
    expect(change('a\nb\nc', 0, 4, false)).toBe('\ta\n\tb\nc')
    expect(change('a\nb\nc', 2, 5, false)).toBe('a\n\tb\n\tc')
    expect(change('\ta\n  b\nc', 0, 8, true)).toBe('a\nb\nc')
    expect(change('', 0, 0, true)).toBe('')
  })
})
