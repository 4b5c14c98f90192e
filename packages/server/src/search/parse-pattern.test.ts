import { describe, expect, it } from 'vitest'
import { parsePattern } from './parse-pattern.ts'

const regex = { ignoreCase: false, fixedString: false }

describe('a search pattern', () => {
  it.each([
    ['', 'needs a pattern'],
    ['a\nb', 'goes line by line'],
    ['a\\nb', 'goes line by line'],
    ['a\\r', 'part of the line break'],
    ['\\x0a', 'goes line by line'],
    ['\\x00', 'binary files'],
    ['[\\x00]', 'binary files'],
    ['(a', 'a ( has no ), at character 3'],
    ['a)', 'a ) without its (, at character 2'],
    ['[a', 'has no ]'],
    ['[]', 'has no ]'],
    ['[b-a]', 'ends before its start'],
    ['[a-\\d]', 'from one character to another'],
    ['[[:foo:]]', 'is not known; there are alnum'],
    ['[a[b]]', 'is written \\['],
    ['[a&&b]', '&& inside [ ] is not supported'],
    ['[a--b]', '-- inside [ ] is not supported'],
    ['[\\b]', 'no meaning inside [ ]'],
    ['*a', 'nothing before the *'],
    ['a|+', 'nothing before the +'],
    ['(?i)*', 'nothing before the *'],
    ['{2}', 'nothing before the {'],
    ['a{2,1}', 'ends below its start'],
    ['a{1001}', 'counts to 1000 at most'],
    ['(a{100}){100}', 'too large'],
    ['(?=a)', 'look-ahead and look-behind are not supported'],
    ['(?<!a)b', 'look-ahead and look-behind are not supported'],
    ['(a)\\1', 'back-references are not supported'],
    ['(?<n>a)\\k<n>', 'back-references are not supported'],
    ['(?s)a', 'the only flag'],
    ['(?#a)', 'is not known'],
    ['\\A', 'write ^'],
    ['\\q', 'the escape \\q is not known'],
    ['a\\', 'ends in a backslash'],
    ['\\p{Nope}', 'Unicode category or script'],
    ['\\p{Cs}', 'Unicode category or script'],
    ['\\x{110000}', 'is no character'],
    ['\\xZ', 'hexadecimal'],
    ['('.repeat(200) + ')'.repeat(200), 'more than 100 deep'],
    [`a${'+'.repeat(200)}`, 'too many repetitions'],
    ['a'.repeat(5000), 'at most 4096'],
    ['\ud800', 'not valid Unicode'],
  ])('%j is refused', (text, reason) => {
    expect(() => parsePattern(text, regex)).toThrow(reason)
  })

  it('may hold a brace that repeats nothing, which ripgrep wants escaped', () => {
    expect(parsePattern('main() {', regex).source).toBe('main() \\{')
    expect(parsePattern('a{,3}{2}', regex).source).toBe('a\\{,3}{2}')
  })

  it('may be any line of text when it is no regular expression', () => {
    expect(parsePattern('(a[', { ...regex, fixedString: true }).source).toBe('(a[')
  })
})
