import { describe, expect, it } from 'vitest'
import { encoding } from './encoding.ts'
import { choice, flag, integer, optionalFlag, pacerInteger, requiredText, secretText, text } from './scalars.ts'
import { strictOptions } from './strict-options.ts'
import { wordList } from './word-list.ts'

describe('the fragments of options', () => {
  it('text is empty when it is left out', () => {
    expect(text().parse(undefined)).toBe('')
    expect(secretText().parse('  kept as it is ')).toBe('  kept as it is ')
    expect(requiredText().safeParse('').error?.issues[0]?.message).toBe('is required')
    expect(requiredText().safeParse(undefined).error?.issues[0]?.message).toBe('is required')
    expect(text().safeParse(7).error?.issues[0]?.message).toBe('must be text')
  })

  it('a flag may be written as text', () => {
    for (const [value, meaning] of [
      [true, true],
      ['true', true],
      ['False', false],
      [false, false],
    ] as const) {
      expect(flag().parse(value)).toBe(meaning)
    }
    for (const odd of ['yes', '', 1, 0, null, undefined]) expect(flag().safeParse(odd).success).toBe(false)
  })

  it('an optional flag may say nothing', () => {
    for (const unset of ['', 'unset', 'None', undefined]) expect(optionalFlag().parse(unset)).toBeUndefined()
    expect(optionalFlag().parse('true')).toBe(true)
    expect(optionalFlag().parse(false)).toBe(false)
    expect(optionalFlag().safeParse('maybe').success).toBe(false)
  })

  it('a whole number may be written as digits', () => {
    expect(integer().parse('1000')).toBe(1000)
    expect(integer().parse(-3)).toBe(-3)
    for (const odd of ['', '1.5', 1.5, 'ten', '1e3', true, '9007199254740993']) {
      expect(integer().safeParse(odd).success).toBe(false)
    }
    const bounded = integer({ minimum: 1, maximum: 1000 })
    expect(bounded.safeParse(1001).error?.issues[0]?.message).toBe('must be a whole number from 1 to 1000')
    expect(bounded.safeParse('0').success).toBe(false)
  })

  it('0 of a pacer is what the provider allows', () => {
    expect(pacerInteger(100).parse(undefined)).toBe(100)
    expect(pacerInteger(100).parse('0')).toBe(100)
    expect(pacerInteger(100).parse(5)).toBe(5)
    expect(pacerInteger(100).safeParse(-1).success).toBe(false)
  })

  it('a choice names what there is to choose from', () => {
    expect(choice(['user', 'enterprise']).parse('user')).toBe('user')
    expect(choice(['', 'hot']).safeParse('warm').error?.issues[0]?.message).toBe('must be one of: (empty), hot')
  })

  it('a list of words may be text or an array', () => {
    expect(wordList().parse('docx, xlsx pptx')).toEqual(['docx', 'xlsx', 'pptx'])
    expect(wordList('comma').parse('*.tar gz, ,*.zip')).toEqual(['*.tar gz', '*.zip'])
    expect(wordList('space').parse(' Files.Read  Sites.Read.All ')).toEqual(['Files.Read', 'Sites.Read.All'])
    expect(wordList().parse(['a', ' b '])).toEqual(['a', 'b'])
    expect(wordList().parse('')).toEqual([])
    expect(wordList().safeParse(5).success).toBe(false)
  })

  it('an encoding is a mask, the provider’s own when nothing is said', () => {
    const schema = encoding(50_438_146)
    expect(schema.parse(undefined)).toBe(50_438_146)
    expect(schema.parse('')).toBe(50_438_146)
    expect(schema.parse('Slash,Dot')).toBe(33_554_434)
    expect(schema.parse(0)).toBe(0)
    expect(strictOptions({ encoding: schema }).safeParse({ encoding: 'Slsh' }).error?.issues[0]?.message).toContain(
      'Slsh',
    )
  })
})
