import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentDisposition } from './disposition.ts'

describe('Content-Disposition', () => {
  it('names a plain file plainly and any other in both notations', () => {
    expect(contentDisposition('inline', 'report 2.pdf')).toBe('inline; filename="report 2.pdf"')
    expect(contentDisposition('attachment', 'Bücher (1).zip')).toBe(
      `attachment; filename="B_cher (1).zip"; filename*=UTF-8''B%C3%BCcher%20%281%29.zip`,
    )
  })

  it('holds only printable ASCII and gives the name back, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        const value = contentDisposition('inline', name)
        expect(value).toMatch(/^[ -~]*$/)
        const extended = /filename\*=UTF-8''(.+)$/.exec(value)?.[1]
        const plain = /filename="([^"\\]*)"/.exec(value)?.[1]
        expect(extended === undefined ? plain : decodeURIComponent(extended)).toBe(name.toWellFormed())
      }),
    )
  })
})
