import { baseName, parsePath } from '@filegate/core'
import * as fc from 'fast-check'
import picomatch from 'picomatch'
import { describe, expect, test } from 'vitest'
import { compileHidden } from './hidden.ts'

describe('compileHidden', () => {
  test.each([
    ['.git', '.git', 'directory', true],
    ['.git', 'a/.git', 'directory', true],
    ['.git', '.github', 'directory', false],
    ['.*', '.env', 'file', true],
    ['.*', 'a.b', 'file', false],
    ['*.log', 'logs/a.log', 'file', true],
    ['*.log', '.log', 'file', true],
    ['*.log', 'a.logs', 'file', false],
    ['cache/', 'cache', 'directory', true],
    ['cache/', 'a/cache', 'directory', true],
    ['cache/', 'cache', 'file', false],
    ['/build', 'build', 'directory', true],
    ['/build', 'a/build', 'directory', false],
    ['docs/private', 'docs/private', 'file', true],
    ['docs/private', 'a/docs/private', 'file', false],
    ['docs/**', 'docs/a/b', 'file', true],
    ['docs/**', 'docs', 'directory', true],
    ['**/docs/**', 'a/docs', 'directory', true],
    ['/**', 'a', 'file', true],
    ['docs/*', 'docs/a/b', 'file', false],
    ['**/.cache/x', 'a/.cache/x', 'file', true],
    ['*.{bak,tmp}', 'x.tmp', 'file', true],
    ['[ab]?', 'b1', 'file', true],
    ['!keep', 'keep', 'file', false],
    ['!keep', '!keep', 'file', true],
    ['line\nbreak', 'line\nbreak', 'file', true],
    ['*', 'any\nname', 'file', true],
  ] as const)('%j hides %j (%s): %s', (glob, path, kind, hidden) => {
    expect(compileHidden([glob])?.(parsePath(path), kind)).toBe(hidden)
  })

  test('any of several globs is enough', () => {
    const isHidden = compileHidden(['*.log', 'cache/', '/top'])
    expect(isHidden?.(parsePath('x.log'), 'file')).toBe(true)
    expect(isHidden?.(parsePath('cache'), 'directory')).toBe(true)
    expect(isHidden?.(parsePath('top'), 'file')).toBe(true)
    expect(isHidden?.(parsePath('other'), 'file')).toBe(false)
  })

  test.each([
    ['[a', 'without its ]'],
    ['a/../b', "'..' segment"],
    ['', 'it is empty'],
    ['/', 'it is empty'],
    ['{a,b}'.repeat(20), 'too many alternatives'],
  ])('refuses %j, by the name of the flag', (glob, reason) => {
    const refusal = () => compileHidden(['*.log', glob])
    expect(refusal).toThrow(`--hidden has an invalid pattern ${JSON.stringify(glob)}: `)
    expect(refusal).toThrow(reason)
  })

  test('hides what picomatch matches', () => {
    const segment = fc.constantFrom('a', 'b', '*', '**', 'a*', '?', '[ab]', '{a,b}', '.a', '!a', '*.*')
    const anyGlob = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'))
    const name = fc.constantFrom('a', 'b', 'ab', '.a', 'a.b', '!a')
    const anyPath = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
    const options = { dot: true, nonegate: true, noextglob: true, posix: true }
    fc.assert(
      fc.property(anyGlob, anyPath, (glob, text) => {
        // Whether that is also the folder itself, picomatch says now one way and now the other.
        fc.pre(!/(^|\/)\*\*$/.test(glob) && !glob.includes('**/**'))
        const path = parsePath(text)
        const judged = picomatch(glob, options)(glob.includes('/') ? path : baseName(path))
        expect([glob, text, compileHidden([glob])?.(path, 'file')]).toEqual([glob, text, judged])
      }),
      { numRuns: 2000 },
    )
  })

  test('is nothing when nothing is hidden', () => {
    expect(compileHidden([])).toBeUndefined()
  })
})
