import * as fc from 'fast-check'
import picomatch from 'picomatch'
import { describe, expect, it } from 'vitest'
import { processorTime } from '../testing/processor-time.ts'
import { parseGlob } from './glob-pattern.ts'

const matching = (glob: string, paths: readonly string[], hidden = false): string[] => {
  const pattern = parseGlob(glob, hidden)
  return paths.filter((path) => pattern.matches(path))
}

const paths = ['a.ts', 'b.tsx', 'c.js', 'src/a.ts', 'src/deep/er/b.tsx', 'src/.hidden/c.ts', '.dot.ts', 'lib/x{y}.ts']

describe('a glob', () => {
  it.each([
    ['*.ts', ['a.ts']],
    ['**/*.ts', ['a.ts', 'src/a.ts', 'lib/x{y}.ts']],
    ['src/**/*.{ts,tsx}', ['src/a.ts', 'src/deep/er/b.tsx']],
    ['{src,lib}/*.ts', ['src/a.ts', 'lib/x{y}.ts']],
    ['**', ['a.ts', 'b.tsx', 'c.js', 'src/a.ts', 'src/deep/er/b.tsx', 'lib/x{y}.ts']],
    ['src/**', ['src/a.ts', 'src/deep/er/b.tsx']],
    ['src/**/er/*', ['src/deep/er/b.tsx']],
    ['[a-b].ts*', ['a.ts', 'b.tsx']],
    ['[!a].*', ['b.tsx', 'c.js']],
    ['?.j?', ['c.js']],
    ['.*', ['.dot.ts']],
    ['src/.hidden/*', ['src/.hidden/c.ts']],
    ['lib/x\\{y\\}.ts', ['lib/x{y}.ts']],
    ['/a.ts', ['a.ts']],
    ['./src/a.ts', ['src/a.ts']],
    ['{a,b}.{ts,tsx,{js,mjs}}', ['a.ts', 'b.tsx']],
    ['!(a).ts', []],
  ])('%s matches %j', (glob, expected) => {
    expect(matching(glob, paths)).toEqual(expected)
  })

  it('matches names with a dot as any other when they are asked for', () => {
    expect(matching('**/*.ts', paths, true)).toEqual(['a.ts', 'src/a.ts', 'src/.hidden/c.ts', '.dot.ts', 'lib/x{y}.ts'])
  })

  it.each([
    ['src/**/*.{ts,tsx}', 'src'],
    ['src/{a,b}/x', 'src'],
    ['{src/a,src/b}/c/x', 'src'],
    ['a/b/c.ts', 'a/b'],
    ['*.ts', ''],
    ['a.ts', ''],
    ['s[r]c/x', ''],
  ])('%s says that all there can be is in %j', (glob, start) => {
    expect(parseGlob(glob, false).start).toBe(start)
  })

  it.each([
    ['', 'it is empty'],
    ['../secret', "'..' segment"],
    ['a/{b,..}/c', "'..' segment"],
    ['a[', 'without its ]'],
    ['a\\', 'backslash'],
    ['//', 'names nothing'],
    ['a\0b', 'no name has'],
    ['x'.repeat(2000), 'at most'],
    ['{a,b}'.repeat(20), 'too many alternatives'],
    ['{1..100000}', 'too many alternatives'],
    [`${'{a,'.repeat(30)}b${'}'.repeat(30)}`, 'too many alternatives'],
  ])('%j is refused', (glob, reason) => {
    expect(() => parseGlob(glob, false)).toThrow(reason)
  })

  it('takes no time worth speaking of, whatever it is', () => {
    const time = processorTime(() => {
      const long = ['a'.repeat(250), `${'a/'.repeat(500)}a`]
      expect(matching(`${'*a'.repeat(500)}b`, long)).toEqual([])
      expect(matching(`${'**/a/'.repeat(180)}b`, long)).toEqual([])
      expect(() => parseGlob('{[{[{['.repeat(150), false)).toThrow('without its ]')
      expect(() => parseGlob(`${'{['.repeat(400)}]`, false)).not.toThrow()
    })
    expect(time).toBeLessThan(2000)
  })
})

describe('globs that are generated', () => {
  const name = fc.constantFrom('a', 'b', 'ab', 'ba', '.a', 'a.b', 'é', 'b1')
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
  const segment = fc.constantFrom(
    'a',
    'b',
    '*',
    '**',
    'a*',
    '*b',
    '?',
    '[ab]',
    '[!a]',
    '{a,b}',
    '.a',
    'a?',
    '*.*',
    '{a,b/a}',
    '.*',
    'b{1,2}',
  )
  const glob = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'))

  it('match what picomatch says, and lead to whatever they match', () => {
    fc.assert(
      fc.property(glob, path, fc.boolean(), (text, candidate, hidden) => {
        // To picomatch `a/**` is also `a`; here it is what is in it.
        fc.pre(!/(^|\/)\*\*$/.test(text) && !text.includes('**/**'))
        const pattern = parseGlob(text, hidden)
        const judge = picomatch(text, { dot: hidden, noextglob: true, nonegate: true, posix: true })
        expect([text, candidate, pattern.matches(candidate)]).toEqual([text, candidate, judge(candidate)])
        if (!pattern.matches(candidate)) return
        const names = candidate.split('/')
        for (let depth = 1; depth < names.length; depth++) {
          expect(pattern.leads(names.slice(0, depth).join('/'))).toBe(true)
        }
        expect(`${candidate}/`.startsWith(pattern.start)).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })
})
