import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { containment, contentType, isMediaType } from './content-type.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('the media type of a file', () => {
  it.each([
    ['a.txt', bytes('x'), 'text/plain; charset=utf-8'],
    ['a.txt', Uint8Array.of(0xe9, 0x20), 'text/plain; charset=windows-1252'],
    ['a.txt', Uint8Array.of(0xff, 0xfe, 0x41, 0x00), 'text/plain; charset=utf-16le'],
    ['a.js', bytes('x'), 'text/javascript; charset=utf-8'],
    ['a.json', bytes('{}'), 'application/json; charset=utf-8'],
    ['a.svg', bytes('<svg/>'), 'image/svg+xml; charset=utf-8'],
    ['a.png', Uint8Array.of(0), 'image/png'],
    ['a.ts', bytes('let a'), 'text/plain; charset=utf-8'],
    ['a.ts', Uint8Array.of(0x47, 0x40, 0), 'video/mp2t'],
    ['noname', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0), 'image/png'],
    ['noname', Uint8Array.of(1, 0), 'application/octet-stream'],
    ['Makefile', bytes('all:'), 'text/plain; charset=utf-8'],
    ['empty', new Uint8Array(), 'text/plain; charset=utf-8'],
    ['html', bytes('x'), 'text/plain; charset=utf-8'],
    ['f', bytes('x'), 'text/plain; charset=utf-8'],
    ['.svg', bytes('x'), 'text/plain; charset=utf-8'],
    ['zip', Uint8Array.of(1, 0), 'application/octet-stream'],
  ])('called %s with its first bytes is %s', (name, sample, type) => {
    expect(contentType(name, sample)).toBe(type)
  })

  it('does not mistake a character cut off by the end of the sample for another character set', () => {
    expect(contentType('a.txt', bytes('aé').subarray(0, 2))).toBe('text/plain; charset=utf-8')
  })
})

describe('containment', () => {
  it('covers what a browser would run, under any spelling', () => {
    for (const type of [
      'text/html',
      'TEXT/HTML; charset=x',
      'image/svg+xml',
      'application/xhtml+xml',
      'text/xml',
      'application/rss+xml',
      ' text/html ;a=b',
      'text/xsl',
      'application/vnd.anything/xml',
      'multipart/x-mixed-replace;boundary=x',
      'Multipart/Related',
    ]) {
      expect(containment(type)['content-security-policy'], type).toMatch(/^sandbox/)
    }
    for (const type of ['text/plain', 'image/png', 'application/pdf', 'text/htmlx', 'application/xmlx']) {
      expect(containment(type), type).toEqual({})
    }
  })
})

describe('a media type from a parameter', () => {
  it('is taken only in the grammar of HTTP', () => {
    for (const type of ['text/plain', 'text/plain; charset=utf-8', 'a/b;c="d e"', 'application/vnd.x+json'])
      expect(isMediaType(type), type).toBe(true)
    for (const type of ['', 'text', '/x', 'a/', 'a/b;', 'a/b; c', 'a/b\r\n', 'a/b; c="\n"', `a/${'b'.repeat(300)}`])
      expect(isMediaType(type), type).toBe(false)
  })

  it('never holds a character that could end the header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(!isMediaType(text) || /^[\t -~]+$/.test(text)).toBe(true)
      }),
    )
  })
})
