import { describe, expect, it } from 'vitest'
import { allRules, flawedExceptions } from './describe-driver.ts'
import { gallery, awkwardNames } from './gallery.ts'

describe('the rulebook', () => {
  it('has a title for each rule that no other rule has', () => {
    const titles = allRules().map(({ title }) => title)
    expect(titles.filter((title, place) => titles.indexOf(title) !== place)).toEqual([])
  })

  it('refuses an exception that names no rule', () => {
    expect(flawedExceptions([{ test: 'files taste of apples', reason: 'they do not' }])).toEqual([
      "There is no rule 'files taste of apples'.",
    ])
  })

  it('refuses an exception without a reason', () => {
    const [rule] = allRules()
    expect(flawedExceptions([{ test: rule?.title ?? '', reason: ' ' }])).toHaveLength(1)
  })

  it('accepts an exception that names a rule and has a reason', () => {
    const [rule] = allRules()
    expect(flawedExceptions([{ test: rule?.title ?? '', reason: 'the vendor forbids it' }])).toEqual([])
  })
})

describe('the gallery', () => {
  it('holds no path twice and no name above 255 bytes', () => {
    const paths = gallery(awkwardNames, 1100).map(({ path }) => path)
    expect(new Set(paths).size).toBe(paths.length)
    for (const { name } of awkwardNames) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
  })
})
