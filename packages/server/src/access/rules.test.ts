import { describe, expect, test } from 'vitest'
import { parseRules } from './rules.ts'

const plain = (texts: readonly string[]) =>
  parseRules(texts).map(({ user, password, paths }) => ({
    user,
    password,
    paths: paths.map(({ path, level }) => `/${path} ${level}`),
  }))

describe('parseRules', () => {
  test('reads an account with several paths', () => {
    expect(plain(['ann:pw@/docs:rw,/pictures,/music:ro'])).toEqual([
      { user: 'ann', password: 'pw', paths: ['/docs write', '/pictures read', '/music read'] },
    ])
  })

  test('reads a rule for everybody', () => {
    expect(plain(['@/public'])).toEqual([{ user: undefined, password: undefined, paths: ['/public read'] }])
  })

  test('lets passwords hold what else means something', () => {
    const password = (text: string) => parseRules([text])[0]?.password
    expect(password('ann:a:b@c@/')).toBe('a:b@c')
    expect(password('ann:a|b@/')).toBe('a|b')
    expect(password('ann:$6$salt$' + 'x'.repeat(86) + '@/')).toBe('$6$salt$' + 'x'.repeat(86))
  })

  test('cuts joined rules apart', () => {
    expect(plain(['ann:a|b@/x|bob:c@/y|@/z'])).toEqual([
      { user: 'ann', password: 'a|b', paths: ['/x read'] },
      { user: 'bob', password: 'c', paths: ['/y read'] },
      { user: undefined, password: undefined, paths: ['/z read'] },
    ])
  })

  test('adds up the rules of one account', () => {
    expect(plain(['ann:a@/x', 'ann:a@/y:rw', '@/p', '@/q'])).toEqual([
      { user: 'ann', password: 'a', paths: ['/x read', '/y write'] },
      { user: undefined, password: undefined, paths: ['/p read', '/q read'] },
    ])
  })

  test('reads paths on backends', () => {
    const paths = (rule: string) => parseRules([rule])[0]?.paths
    expect(paths('bob:pw@backend:bck_1f/photos:ro,/here:rw,backend:*/:rw')).toEqual([
      { backend: 'bck_1f', path: 'photos', level: 'read' },
      { path: 'here', level: 'write' },
      { backend: '*', path: '', level: 'write' },
    ])
    expect(paths('@backend:bck_1/a:b:ro')).toEqual([{ backend: 'bck_1', path: 'a:b', level: 'read' }])
    expect(parseRules(['bob:p@x@backend:bck_1/|ann:pw@/'])).toMatchObject([
      { user: 'bob', password: 'p@x', paths: [{ backend: 'bck_1' }] },
      { user: 'ann' },
    ])
    // The same path here and there is no contradiction.
    expect(paths('bob:pw@/a:ro,backend:bck_1/a:rw')).toHaveLength(2)
  })

  test('takes colons in paths when the right is spelled out', () => {
    expect(plain(['@/a:b:ro'])[0]?.paths).toEqual(['/a:b read'])
  })

  test.each([
    ['ann:secret', "needs '@/'"],
    ['ann:secret@docs', "needs '@/'"],
    ['ann@/', 'needs user:password'],
    [':secret@/', 'needs user:password'],
    ['ann:@/', 'needs user:password'],
    ['@/a:rx', 'must end in :ro or :rw'],
    ['@/a,b', 'must start with a slash'],
    ['@/a/../b', "'..' segment"],
    ['@/a:ro,/a:rw', 'as :ro and as :rw'],
    ['@backend:x/a:ro,backend:x/a:rw', 'backend:x/a is given as :ro and as :rw'],
    ['bob:secret@backend:x', 'must start with a slash, or with backend:ID and a slash'],
    ['bob:secret@backend:a b/x', 'must start with a slash, or with backend:ID and a slash'],
    ['bob:secret@backend:x/../y', "'..' segment"],
    ['ann:secret@/|ann:other@/', 'has another password already'],
    ['ann:$y$j9T$abc@/', 'kind $y$'],
  ])('refuses %s and never repeats a password', (rule, reason) => {
    expect(() => parseRules([rule])).toThrow(reason)
    expect(() => parseRules([rule])).not.toThrow(/secret|other@/)
  })

  test('says which rule is wrong', () => {
    expect(() => parseRules(['@/a|@/b', 'ann@/'])).toThrow('rule 3: ')
  })
})
