import { describe, expect, it } from 'vitest'
import { checkShareName, parsePath } from './names.ts'

describe('a share', () => {
  it.each(['abc', 'a-b-c', '0share9', 'a'.repeat(63)])('may be called %s', (name) => {
    expect(checkShareName(name)).toBe(name)
  })

  it.each(['ab', 'a'.repeat(64), 'Share', '-share', 'share-', 'a--b', 'a_b', 'a.b', 'ünder'])(
    'may not be called %s',
    (name) => expect(() => checkShareName(name)).toThrow('invalid characters'),
  )
})

describe('a path', () => {
  it('comes apart at its slashes, one at the end does not count', () => {
    expect(parsePath('one/two three/ü€😀/', true)).toEqual(['one', 'two three', 'ü€😀'])
    expect(parsePath('', true)).toEqual([])
  })

  it.each(['a"b', 'a\\b', 'a:b', 'a|b', 'a<b', 'a>b', 'a*b', 'a?b', 'a\u0001b', 'NUL', 'com1', 'CLOCK$', '.', '..'])(
    'has no part %j',
    (part) => {
      expect(() => parsePath(`dir/${part}`, true)).toThrow('invalid characters')
      expect(() => parsePath(`${part}/file`, true)).toThrow('invalid characters')
    },
  )

  it.each(['NUL.txt', 'com10', ' leading', 'a.b', '#%&+;=@[]{}~'])('has a part %j', (part) => {
    expect(parsePath(part, true)).toEqual([part])
  })

  it('loses the dots at the end of its parts unless they are allowed', () => {
    expect(parsePath('dir./file..', true)).toEqual(['dir.', 'file..'])
    expect(parsePath('dir./file..', false)).toEqual(['dir', 'file'])
    expect(() => parsePath('...', false)).toThrow('invalid characters')
    expect(parsePath('...', true)).toEqual(['...'])
  })

  it('has parts of at most 255 characters, at most 250 of them, 2048 characters in all', () => {
    expect(parsePath('a'.repeat(255), true)).toHaveLength(1)
    expect(() => parsePath('a'.repeat(256), true)).toThrow('invalid characters')
    expect(parsePath(Array(250).fill('a').join('/'), true)).toHaveLength(250)
    expect(() => parsePath(Array(251).fill('a').join('/'), true)).toThrow('too long')
    expect(() => parsePath(`${'a'.repeat(200)}/`.repeat(11), true)).toThrow('too long')
  })

  it('has no empty parts', () => {
    expect(() => parsePath('a//b', true)).toThrow('does not represent any resource')
  })
})
