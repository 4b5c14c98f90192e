import { parsePath } from '@filegate/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backendRights, createRights } from './rights.ts'
import { parseRules } from './rules.ts'

const pathsOf = (rule: string) => parseRules([`@${rule}`])[0]?.paths ?? []
const rights = (...rules: readonly string[]) => createRights(...rules.map(pathsOf))

describe('createRights', () => {
  test.each([
    ['/:rw', '', 'write'],
    ['/:rw', 'a/b', 'write'],
    ['/', 'a', 'read'],
    ['/docs', '', 'index'],
    ['/docs', 'docs', 'read'],
    ['/docs', 'docs/a/b', 'read'],
    ['/docs', 'docsx', 'none'],
    ['/docs', 'doc', 'none'],
    ['/docs', 'Docs', 'none'],
    ['/a/b/c', '', 'index'],
    ['/a/b/c', 'a', 'index'],
    ['/a/b/c', 'a/b', 'index'],
    ['/a/b/c', 'a/b/d', 'none'],
    ['/a/b/c', 'a/b/c/d', 'read'],
    ['/:rw,/archive', 'archive/x', 'read'],
    ['/:rw,/archive', 'other', 'write'],
    ['/,/inbox:rw', 'inbox/x', 'write'],
    ['/,/inbox:rw,/inbox/old:ro', 'inbox/old/x', 'read'],
  ])('by %s, /%s is %s', (rule, path, level) => {
    expect(rights(rule).level(parsePath(path))).toBe(level)
  })

  test.each([
    ['/docs', '/docs:rw', 'docs/x', 'write'],
    ['/docs:rw', '/docs', 'docs/x', 'write'],
    ['/docs', '/public', 'public', 'read'],
    ['/:rw,/archive', '/archive/open:rw', 'archive/open/x', 'write'],
    ['/docs', '/docs/deep/open', 'docs/deep', 'read'],
    ['/a', '/b/c', 'b', 'index'],
  ])('with the own rule %s and the one for everybody %s, /%s is %s', (own, anonymous, path, level) => {
    expect(rights(own, anonymous).level(parsePath(path))).toBe(level)
  })

  test.each([
    ['backend:*/:rw,backend:*/kept:ro', 'KEPT/a.txt', 'read'],
    ['backend:*/:rw,backend:x/kept:ro', 'Kept', 'read'],
    ['backend:*/:rw,backend:*/kept:ro', 'other', 'write'],
    ['backend:*/:rw,backend:*/kept:ro,backend:*/KEPT:rw', 'KEPT/a.txt', 'write'],
    ['backend:*/:rw,backend:*/kept:ro,backend:*/kept/open:rw', 'Kept/open', 'write'],
    ['backend:*/docs', 'DOCS', 'none'],
    ['backend:*/,backend:*/inbox:rw', 'INBOX/x', 'read'],
    ['backend:*/,backend:*/inbox:rw', 'inbox/X', 'write'],
  ])('on a backend, which may take no notice of case, by %s, /%s is %s', (rule, path, level) => {
    expect(backendRights('x', pathsOf(rule)).level(parsePath(path))).toBe(level)
  })

  test('a folder of a backend has the lowest right of what is in it, whatever the case', () => {
    const { lowest } = backendRights('x', pathsOf('backend:*/:rw,backend:*/a/kept:ro'))
    expect([lowest(parsePath('A')), lowest(parsePath('a')), lowest(parsePath('b'))]).toEqual(['read', 'read', 'write'])
  })

  test('without rules nothing is allowed', () => {
    expect(createRights([]).level(parsePath(''))).toBe('none')
    expect(createRights().level(parsePath('a'))).toBe('none')
    expect(createRights([]).everywhere).toBe(false)
  })

  test('knows when everything may be read', () => {
    expect(rights('/').everywhere).toBe(true)
    expect(rights('/docs', '/').everywhere).toBe(true)
    expect(rights('/docs').everywhere).toBe(false)
  })

  const segment = fc.constantFrom('a', 'b', 'c')
  const anyPath = fc.array(segment, { maxLength: 4 }).map((segments) => parsePath(segments.join('/')))
  const anyGrants = fc.array(fc.record({ path: anyPath, level: fc.constantFrom('read' as const, 'write' as const) }))

  test('more rules for everybody never take a right away', () => {
    const order = ['none', 'index', 'read', 'write']
    fc.assert(
      fc.property(anyGrants, anyGrants, anyPath, (own, anonymous, path) => {
        const alone = createRights(own).level(path)
        const both = createRights(own, anonymous).level(path)
        expect(order.indexOf(both)).toBeGreaterThanOrEqual(order.indexOf(alone))
      }),
    )
  })

  test('whatever may be read can be reached: no directory above it is forbidden', () => {
    fc.assert(
      fc.property(anyGrants, anyPath, (own, path) => {
        const { level } = createRights(own)
        fc.pre(level(path) !== 'none')
        const segments = path.split('/')
        for (const count of segments.keys()) {
          expect(level(parsePath(segments.slice(0, count).join('/')))).not.toBe('none')
        }
      }),
    )
  })

  test.each([
    ['/:rw', 'a', 'write'],
    ['/:rw,/a/b', 'a', 'read'],
    ['/:rw,/a/b', '', 'read'],
    ['/:rw,/a/b', 'a/b/c', 'read'],
    ['/:rw,/ab', 'a', 'write'],
    ['/a:rw', '', 'none'],
    ['/a:rw', 'b', 'none'],
  ])('of %s, the lowest level in %s is %s', (rule, path, level) => {
    expect(rights(rule).lowest(parsePath(path))).toBe(level)
  })

  test('the lowest level of a folder is that of something in it', () => {
    fc.assert(
      fc.property(anyGrants, anyGrants, anyPath, anyPath, (own, anonymous, path, below) => {
        const order = ['none', 'index', 'read', 'write']
        const { level, lowest } = createRights(own, anonymous)
        const deep = parsePath(`${path}/${below}`)
        expect(order.indexOf(lowest(path))).toBeLessThanOrEqual(order.indexOf(level(deep)))
      }),
    )
  })
})
