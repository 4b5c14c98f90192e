import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeForLog } from './escape.ts'

describe('escapeForLog', () => {
  test.each([
    ['plain text, ünïcode and 日本', 'plain text, ünïcode and 日本'],
    ['two\r\nlines', String.raw`two\x0d\x0alines`],
    ['"quoted"', String.raw`\"quoted\"`],
    ['back\\slash', String.raw`back\\slash`],
    ['\u001b[31mred', String.raw`\x1b[31mred`],
    ['a\u0085b\u2028c', String.raw`a\x85b\u{2028}c`],
    ['\u202Egnp.exe', String.raw`\u{202e}gnp.exe`],
    ['\uD800', String.raw`\u{d800}`],
  ])('writes %j as %s', (text, escaped) => {
    expect(escapeForLog(text)).toBe(escaped)
  })

  test('keeps every text on one line and inside its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeForLog(text)).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        expect(escapeForLog(text).replaceAll(/\\./gu, '')).not.toContain('"')
      }),
    )
  })
})
