import { parsePath, root } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { processorTime } from '../testing/processor-time.ts'
import { createTreeRules } from './tree-rules.ts'

/** Rules of a `.gitignore`, then paths that `git check-ignore` (2.39) calls ignored, then paths that it does not. */
const judgedByGit: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['foo', ['foo', 'a/foo', 'foo/x'], ['foobar']],
  ['/foo', ['foo'], ['a/foo']],
  ['foo/', ['foo/x', 'a/foo/x'], ['foo']],
  ['a/foo', ['a/foo'], ['b/a/foo']],
  ['*.log', ['x.log', 'a/x.log', '.log'], ['x.log.txt']],
  ['!keep.log\n*.log', ['keep.log'], []],
  ['*.log\n!keep.log', ['x.log'], ['keep.log', 'a/keep.log']],
  ['**/foo', ['foo', 'a/foo', 'a/b/foo'], []],
  ['a/**', ['a/x', 'a/b/x'], ['b/a/x']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['c/a/b']],
  ['**', ['a', 'a/b'], []],
  ['foo*bar', ['foobar', 'fooxbar'], ['foo/bar']],
  ['f?o', ['foo'], ['f/o', 'fo']],
  ['[a-c]x', ['ax'], ['dx']],
  ['[!a-c]x', ['dx'], ['ax']],
  ['[^a-c]x', ['dx'], ['ax']],
  ['[]x]y', ['xy', ']y'], []],
  ['[a', [], ['[a', 'a']],
  ['\\!important', ['!important'], []],
  ['\\#x', ['#x'], []],
  ['#x', [], ['#x']],
  ['foo\\ ', ['foo '], ['foo']],
  ['foo  ', ['foo'], []],
  ['a\\*b', ['a*b'], ['axb']],
  ['*', ['a', 'a/b', '.x'], []],
  ['*\n!*/\n!*.txt', ['b/d.md'], ['a.txt', 'b/c.txt']],
  ['/*\n!/a', ['b/x'], ['a/x']],
  ['a/b/\n!a/b/c', ['a/b/c'], []],
  ['x**y', ['xy', 'xzzy'], ['x/y']],
  ['a/*', ['a/b', 'a/b/c'], []],
  ['[[:digit:]]x', ['1x'], ['ax']],
  ['é*', ['été'], ['ete']],
  ['a\\', [], ['a\\', 'a']],
  ['/', [], ['a']],
  ['//a', [], ['a']],
  ['a//b', [], ['a/b']],
  ['./a', [], ['a']],
  ['**foo', ['xfoo', 'a/xfoo'], []],
  ['foo/**/', ['foo/a/b'], ['foo/x']],
  ['*/foo', ['a/foo'], ['a/b/foo', 'foo']],
  ['!a', [], ['a']],
  ['a/**/**/b', ['a/b', 'a/x/b'], []],
  ['*[!a]', ['bb'], ['ba']],
  ['[\\]]x', [']x'], []],
]

/** As in a walk, what is in an ignored directory is never reached. */
function looksAt(rules: ReturnType<typeof createTreeRules>, path: string): boolean {
  const names = path.split('/')
  return names.every((_, place) => {
    return rules.admits(parsePath(names.slice(0, place + 1).join('/')), place < names.length - 1)
  })
}

const everythingShown = { noIgnore: false, hidden: true }

describe('rules of a .gitignore', () => {
  it.each(judgedByGit)('mean what they mean to git: %j', (text, ignored, kept) => {
    const rules = createTreeRules(root, everythingShown, undefined)
    rules.learn(root, { '.gitignore': text })
    expect([...ignored, ...kept].filter((path) => looksAt(rules, path))).toEqual(kept)
  })

  it('of a nearer directory win, and count below it only', () => {
    const rules = createTreeRules(root, everythingShown, undefined)
    rules.learn(root, { '.gitignore': '*.log' })
    rules.learn(parsePath('a'), { '.gitignore': '!keep.log\n/only' })
    const paths = ['x.log', 'a/x.log', 'a/keep.log', 'keep.log', 'a/only', 'only', 'a/b/only']
    expect(paths.filter((path) => looksAt(rules, path))).toEqual(['a/keep.log', 'only', 'a/b/only'])
  })

  it('yield to those of .ignore and .rgignore, wherever these stand', () => {
    const rules = createTreeRules(root, everythingShown, undefined)
    rules.learn(root, { '.ignore': '!a/x', '.rgignore': 'a/y' })
    rules.learn(parsePath('a'), { '.gitignore': 'x', '.ignore': '!y' })
    expect(['a/x', 'a/y'].filter((path) => looksAt(rules, path))).toEqual(['a/x'])
  })
})

describe('what a search looks at', () => {
  it('has no names with a dot, unless they are asked for or a rule brings them back', () => {
    const rules = createTreeRules(root, { noIgnore: false, hidden: false }, undefined)
    rules.learn(root, { '.gitignore': '!.shown' })
    expect(['.env', '.shown', 'a/.b/c', 'a/b'].filter((path) => looksAt(rules, path))).toEqual(['.shown', 'a/b'])
  })

  it('never has .git, unless no rule is to count', () => {
    for (const noIgnore of [false, true]) {
      const rules = createTreeRules(root, { noIgnore, hidden: true }, undefined)
      rules.learn(root, { '.gitignore': 'a' })
      expect(['.git/config', 'a'].filter((path) => looksAt(rules, path))).toEqual(noIgnore ? ['.git/config', 'a'] : [])
    }
  })
})

describe('rules from whoever can write a file', () => {
  it('take no time worth speaking of, whatever they are', () => {
    const rules = createTreeRules(root, everythingShown, undefined)
    rules.learn(root, { '.gitignore': `${'*a'.repeat(500)}b\n/${'**/a/'.repeat(200)}b\n${'[a'.repeat(300)}` })
    const time = processorTime(() => {
      expect(rules.admits(parsePath('a'.repeat(250)), false)).toBe(true)
      expect(rules.admits(parsePath(`${'a/'.repeat(500)}a`), false)).toBe(true)
    })
    expect(time).toBeLessThan(2000)
  })
})
