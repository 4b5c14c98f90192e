import { describe, expect, it } from 'vitest'
import { processorTime } from '../testing/processor-time.ts'
import { createFileSearch } from './file-search.ts'
import { createLineMatcher } from './line-matcher.ts'
import { parsePattern } from './parse-pattern.ts'

function search(pattern: string, text: string, ignoreCase = false) {
  const matcher = createLineMatcher(parsePattern(pattern, { ignoreCase, fixedString: false }))
  const file = createFileSearch(matcher, { context: 0, maxCount: 50 })
  file.push(Buffer.from(text))
  return file.finish() ?? []
}

const hostile = `${'a'.repeat(100_000)}!`

describe('the engine of our own', () => {
  it.each([
    ['^(a+)+$', hostile],
    ['^(a|a)*$', hostile],
    ['^(a*)*$', hostile],
    ['(.*)*x', hostile],
    ['(a|aa)+$', hostile],
    ['a.*a.*a.*a.*x', hostile],
    ['(x+x+)+y', 'x'.repeat(100_000)],
    ['\\w*\\d\\w*\\d\\w*!!', '1a'.repeat(50_000)],
    ['((a{1,20}){1,20})!!', hostile],
  ])('answers at once whether %s is in a hostile text', (pattern, text) => {
    for (const ignoreCase of [false, true]) {
      const time = processorTime(() => expect(search(pattern, text, ignoreCase)).toEqual([]))
      expect(time).toBeLessThan(2000)
    }
  })

  it('finds the column in a long line as fast', () => {
    const time = processorTime(() => {
      expect(search('(a+)+!', hostile)).toMatchObject([{ line: 1, column: 0 }])
      expect(search('a!|(b.*)*c', hostile)).toMatchObject([{ line: 1, column: 99_999 }])
    })
    expect(time).toBeLessThan(2000)
  })

  it('keeps its memory bounded where a pattern has more states than can be kept', () => {
    let text = ''
    for (let number = 1; text.length < 50_000; number = (number * 48_271) % 0x7fffffff) text += number % 2 ? 'a' : 'b'
    expect(search('(a|b)*a(a|b){20}c', text)).toEqual([])
  })
})
