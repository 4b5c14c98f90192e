import { parsePath } from '@filegate/core'
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
    ['docs/*', 'docs/a/b', 'file', false],
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

  test('is nothing when nothing is hidden', () => {
    expect(compileHidden([])).toBeUndefined()
  })
})
