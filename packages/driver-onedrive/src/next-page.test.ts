import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextPage, queryOfPage } from './next-page.ts'

const base = 'https://graph.microsoft.com/v1.0/drives/d/root'

describe('the next page', () => {
  it.each([
    [`${base}/children?$top=2&$skiptoken=UGFn%3D%3D`, { $skiptoken: 'UGFn==' }],
    [`${base}/children?%24top=2&%24skiptoken=abc`, { $skiptoken: 'abc' }],
    [`${base}/delta?token=aTE09%2B`, { token: 'aTE09+' }],
    [`${base}/delta(token='1230919asd')?$top=5`, { token: '1230919asd' }],
    [`${base}/delta?$deltatoken=x&$top=1`, { $deltatoken: 'x' }],
  ])('of %s is asked for with %j', (link, query) => {
    expect(queryOfPage(nextPage(link))).toEqual(query)
  })

  it('is none without an address, and an error with one that says nothing', () => {
    expect(nextPage(undefined)).toBeUndefined()
    expect(nextPage(null)).toBeUndefined()
    expect(() => nextPage(`${base}/children?$top=2`)).toThrow('next page')
  })

  it('is asked for with what was given out only', () => {
    expect(queryOfPage(undefined)).toEqual({})
    for (const cursor of ['', '$filter=x', 'https://elsewhere.example/?token=x', 'token=']) {
      expect(() => queryOfPage(cursor)).toThrow('cursor')
    }
  })

  it('keeps any token as it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (token) => {
        fc.pre(token.isWellFormed())
        const link = `${base}/children?$top=1&$skiptoken=${encodeURIComponent(token).replaceAll("'", '%27').replaceAll(')', '%29')}`
        expect(queryOfPage(nextPage(link))).toEqual({ $skiptoken: token })
      }),
    )
  })
})
