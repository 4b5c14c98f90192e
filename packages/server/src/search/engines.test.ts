import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { localAccessOf, memory, parsePath, type StorageDriver } from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { everything, type Scope } from '../access/scope.ts'
import { Query } from '../http/query.ts'
import { currentSource } from '../sources/current.ts'
import { grep } from './grep.ts'
import type { GrepOutcome } from './grep-outcome.ts'
import { grepRequest } from './grep-request.ts'
import { createGrepThreads } from './grep-threads.ts'

type Tree = Readonly<Record<string, string | Uint8Array>>
type Search = (query: Readonly<Record<string, string>>, path?: string) => Promise<GrepOutcome>

const threads = createGrepThreads()
const folders: string[] = []
afterAll(async () => {
  await threads.close()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function plant(tree: Tree): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-grep-')))
  folders.push(folder)
  for (const [path, content] of Object.entries(tree)) {
    const target = join(folder, path)
    mkdirSync(path.endsWith('/') ? target : dirname(target), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(target, content)
  }
  return folder
}

function searchOf(storage: StorageDriver, scope: Scope): Search {
  return async (query, at = '') => {
    const path = parsePath(at)
    const local = localAccessOf(storage)
    const source = currentSource(storage, local, path, await storage.stat(path))
    const request = grepRequest(new Query(new URLSearchParams(query).toString()))
    return grep({ source, storage, local, scope, threads, path }, request, new AbortController().signal)
  }
}

/** Makes ripgrep unfit, though it withholds nothing. */
const filtered: Scope = { ...everything, unrestricted: false, unrestrictedBelow: () => false }

/** The same tree, searched by each engine. */
function engines(tree: Tree): Readonly<Record<string, Search>> {
  const disk = openLocalDriver({ root: plant(tree), followsSymlinks: false })
  return {
    ripgrep: searchOf(disk, everything),
    'threads on a disk': searchOf(disk, filtered),
    'threads on any storage': searchOf(memory(tree, { pageSize: 3 }), everything),
  }
}

async function allAgree(searches: Readonly<Record<string, Search>>, query: Record<string, string>, path?: string) {
  const outcomes = await Promise.all(Object.values(searches).map((search) => search(query, path)))
  for (const outcome of outcomes) expect({ query, outcome }).toEqual({ query, outcome: outcomes[0] })
  const [first] = outcomes
  if (!first) throw new Error('There are no engines.')
  return first
}

const found = ({ matches }: GrepOutcome): string[] =>
  matches.map(({ path, line, column }) => `${path}:${line}:${column}`)

const texts = {
  'words.txt': 'foo bar\nFOO Bar\n  foo_bar foobar\n\nbar\tfoo\nfoo',
  'windows.txt': 'foo\r\n\r\nbar foo\r\nfoo \rbar\r\n',
  'unicode.txt':
    'naïve café\nСтрока на русском\nстраße STRASSE ſtraße\n日本語 テキスト\n😀 smile 😀\nΣΊΣΥΦΟΣ σίσυφος K k\n',
  'latin1.txt': Buffer.from('d\xe9j\xe0 vu foo\nplain foo\n\xff\xfe\xc0\x80 foo \xed\xa0\x80x\n', 'latin1'),
  'utf16le.txt': Buffer.from('\uFEFFfoo über\r\nбар foo\n', 'utf16le'),
  'utf16be.txt': Buffer.from('\uFEFFfoo über\nlast', 'utf16le').swap16(),
  'marked.txt': '\uFEFFfoo first\nsecond foo\n',
  'code.c': '#include <stdio.h>\nint main(void) {\n\treturn a[0] + b{1} - x_1234_AB;\n}\n',
  'binary.bin': Buffer.from('foo\n\0foo\n'),
  'late-binary.bin': Buffer.concat([Buffer.from('foo\n'), Buffer.alloc(200_000, 'a\n'), Buffer.from('\0foo\n')]),
  'empty.txt': '',
  'blank.txt': '\n\n',
  'wide.txt': `${'ä'.repeat(3000)}foo${'😀'.repeat(4000)}\n`,
  'naïve 名前.txt': 'foo in a name\n',
} satisfies Tree

const patterns = [
  'foo',
  'FOO',
  'foo$',
  '^foo',
  '^',
  '$',
  '^$',
  'a*',
  'x*foo',
  '\\bfoo\\b',
  '\\Bfoo',
  'foo\\B',
  '\\<foo\\>',
  '\\<b',
  'o\\>',
  '[a-c]ar',
  '[^a-z ]',
  '[[:upper:]]{3}',
  '[[:^alpha:][:space:]]',
  '[]x]',
  '[^]x]',
  '[-a]r',
  '[a-]r',
  '[\\w-]+$',
  '\\d{4}',
  '\\D\\d',
  '\\s',
  '\\S+\\s+\\S+',
  '\\w+',
  '\\W',
  '.',
  '^.$',
  '^.{7}$',
  '.{5,}',
  '(foo|bar) (foo|bar)',
  '(?:fo|f)o',
  '(?P<n>ba)r',
  '(?<n>ba)r',
  '(?i)strasse',
  '(?i:FOO) bar',
  '(?i)fo(?-i)O',
  'FOO|(?i)bar',
  'straße',
  '\\p{Cyrillic}+',
  '\\p{Lu}{3}',
  '\\P{L}',
  '\\pN',
  '[\\p{Greek}\\p{Han}]',
  '日.語',
  '😀',
  '[😀]',
  '\\x41',
  '\\x{1F600}',
  '\\u00e9',
  '\\U0001F600',
  'é',
  '[à-ÿ]',
  '\\x{E9}',
  'b\\{1\\}',
  'b{1}',
  'main(void) {',
  'main\\(void\\) {',
  'a\\[0\\]',
  '(a|b)+c',
  '(a+)+$',
  '(|foo)bar',
  '()',
  'fo{2}',
  'fo{2,}',
  'fo{0,1}b?',
  'fo+?',
  'o{1}{2}',
  'foo\\s',
  'foo.bar',
  '[^f]oo',
  '\\t',
  '[\\t ]foo',
  'o$|^b',
  '^(foo|bar)',
  '(^|x)foo($| )',
  '\\/|\\-|\\<',
  '[\\x00-\\x1f]',
  '[&]',
  'K',
  '[k]',
  'σ',
  'ſ',
  '\\w{3}_\\d{4}_[A-Z]{2}',
  '.*foo.*',
  '.*.*=',
  '[^\\S]foo',
  '[\\d_]+',
  'café|naïve',
  '(?i)É',
]

describe('the engines of a content search', () => {
  const searches = engines(texts)
  const { 'threads on a disk': _, ...different } = searches

  it.each(patterns)('find the same for the pattern %s', async (grep) => {
    await allAgree(different, { grep })
    await allAgree(different, { grep, ignore_case: 'true', context: '2', max_count: '2' })
    expect.hasAssertions()
  })

  it('give the column in bytes, from 0, of the leftmost match', async () => {
    const outcome = await allAgree(searches, { grep: 'foo(bar)?|bar foo' })
    expect(found(outcome)).toEqual(
      [
        '/latin1.txt:1:8',
        '/latin1.txt:2:6',
        '/latin1.txt:3:5',
        '/marked.txt:1:0',
        '/marked.txt:2:7',
        '/naïve 名前.txt:1:0',
        '/utf16be.txt:1:0',
        '/utf16le.txt:1:0',
        '/utf16le.txt:2:7',
        '/wide.txt:1:6000',
        '/windows.txt:1:0',
        '/windows.txt:3:0',
        '/windows.txt:4:0',
        '/words.txt:1:0',
        '/words.txt:3:2',
        '/words.txt:5:4',
        '/words.txt:6:0',
      ].sort(),
    )
  })

  it('show lines as text: cut at 4,096 characters, decoded, without line breaks', async () => {
    const { matches } = await allAgree(searches, { grep: 'foo' })
    const lines = new Map(matches.map(({ path, line, text }) => [`${path}:${line}`, text]))
    expect(lines.get('/wide.txt:1')).toBe(`${'ä'.repeat(3000)}foo${'😀'.repeat(546)}`)
    expect(lines.get('/latin1.txt:1')).toBe('d\uFFFDj\uFFFD vu foo')
    expect(lines.get('/utf16le.txt:1')).toBe('foo über')
    expect(lines.get('/windows.txt:1')).toBe('foo')
  })

  it('count binary files as searched, and find nothing in them', async () => {
    const outcome = await allAgree(searches, { grep: 'foo' })
    expect(found(outcome).filter((match) => match.includes('binary'))).toEqual([])
    expect(outcome.filesSearched).toBe(Object.keys(texts).length)
  })

  it('search a single file, too', async () => {
    expect(found(await allAgree(searches, { grep: 'bar$' }, 'words.txt'))).toEqual([
      '/words.txt:1:4',
      '/words.txt:3:13',
    ])
    expect((await allAgree(searches, { grep: 'foo' }, 'binary.bin')).matches).toEqual([])
  })

  it('search below a directory only', async () => {
    const nested = engines({ 'a/b/c.txt': 'foo', 'a/d.txt': 'foo', 'e.txt': 'foo' })
    expect(found(await allAgree(nested, { grep: 'foo' }, 'a'))).toEqual(['/a/b/c.txt:1:0', '/a/d.txt:1:0'])
    expect(found(await allAgree(nested, { grep: 'foo', max_depth: '1' }, 'a'))).toEqual(['/a/d.txt:1:0'])
    expect(found(await allAgree(nested, { grep: 'foo', max_depth: '2' }))).toEqual(['/a/d.txt:1:0', '/e.txt:1:0'])
  })

  it('skip files larger than max_filesize', async () => {
    const sizes = engines({ 'small.txt': 'foo', 'large.txt': 'foo '.repeat(100) })
    const outcome = await allAgree(sizes, { grep: 'foo', max_filesize: '100' })
    expect([found(outcome), outcome.filesSearched]).toEqual([['/small.txt:1:0'], 1])
  })

  it('say that an answer is truncated only when there is more', async () => {
    const many = engines({ 'one.txt': 'x\nfoo\ny\nfoo\nz\nfoo\n' })
    for (const context of ['0', '1', '3']) {
      const all = await allAgree(many, { grep: 'foo', max_matches: '3', context })
      expect([all.matches.length, all.truncated]).toEqual([3, false])
      const some = await allAgree(many, { grep: 'foo', max_matches: '2', context })
      expect([some.matches.length, some.truncated]).toEqual([2, true])
    }
    const limited = await allAgree(many, { grep: 'foo', max_count: '2' })
    expect([limited.matches.length, limited.truncated]).toEqual([2, false])
  })

  it('take the lines around a match from the other matches as well', async () => {
    const { matches } = await allAgree(engines({ a: 'one\nfoo 2\nfoo 3\nfour\nfive' }), { grep: 'foo', context: '2' })
    expect(matches.map(({ before, after }) => [before, after])).toEqual([
      [['one'], ['foo 3', 'four']],
      [
        ['one', 'foo 2'],
        ['four', 'five'],
      ],
    ])
  })

  it('never follow a symbolic link', async () => {
    const folder = plant({ 'in/a.txt': 'foo' })
    symlinkSync('in', join(folder, 'link'))
    symlinkSync('in/a.txt', join(folder, 'file'))
    const disk = openLocalDriver({ root: folder, followsSymlinks: true })
    for (const scope of [everything, filtered]) {
      expect(found(await searchOf(disk, scope)({ grep: 'foo' }))).toEqual(['/in/a.txt:1:0'])
    }
  })

  it('show nothing that is withheld from the caller, and do not count it', async () => {
    const disk = openLocalDriver({
      root: plant({ 'a.txt': 'foo', 'b/c.txt': 'foo', 'd.key': 'foo' }),
      followsSymlinks: false,
    })
    const scope: Scope = {
      ...filtered,
      level: (path) => (path.startsWith('b') ? 'none' : 'read'),
      shows: (path) => !path.startsWith('b') && !path.endsWith('.key'),
    }
    const outcome = await searchOf(disk, scope)({ grep: 'foo' })
    expect([found(outcome), outcome.filesSearched]).toEqual([['/a.txt:1:0'], 1])
  })
})

describe('patterns that are generated', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    'é',
    'ſ',
    'k',
    'S',
    ' ',
    '.',
    '^',
    '$',
    '\\b',
    '\\B',
    '\\w',
    '\\W',
    '\\s',
    '\\d',
    '[ab]',
    '[^a]',
    '[^\\w]',
    '[é-ж]',
    '\\<',
    '\\>',
    '_',
    '1',
    '\\t',
  )
  const expression = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      piece,
      fc.tuple(tie('tree'), tie('tree')).map(([one, other]) => one + other),
      fc.tuple(tie('tree'), tie('tree')).map(([one, other]) => `(${one}|${other})`),
      fc
        .tuple(tie('tree'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{2,}', '*?'))
        .map(([one, times]) => `(?:${one})${times}`),
      tie('tree').map((one) => `(?i:${one})`),
    ),
  })).tree
  const line = fc.string({
    unit: fc.constantFrom(
      'a',
      'b',
      'A',
      'é',
      'É',
      's',
      'ſ',
      'K',
      'K',
      ' ',
      '_',
      '1',
      'ж',
      '\t',
      '\r',
      '😀',
      '\u2028',
      '\u0301',
    ),
    maxLength: 12,
  })

  it('find what lies between the two characters that end a line at the end of what is shown', async () => {
    const searches = engines({ 'a.txt': 'a\r\nb c\r\n\r\nd\r' })
    expect(found(await allAgree(searches, { grep: '\\B' }))).toContain('/a.txt:1:1')
  })

  it.each(['^\\B', '(?:^){2,}(a|\\B)', '\\s$', '\\s^', '\\B$', '(?:$){2}\\B'])(
    'find the same behind a carriage return that ends a text: %s',
    async (grep) => {
      await allAgree(engines({ 'a.txt': 's\r', 'b.txt': 's\r\n', 'c.txt': 's\r\r', 'd.txt': 's' }), { grep })
      expect.hasAssertions()
    },
  )

  it('find the same lines and columns in both engines', async () => {
    await fc.assert(
      fc.asyncProperty(expression, fc.array(line, { maxLength: 12 }), fc.boolean(), async (grep, lines, ignoreCase) => {
        const searches = engines({ 'a.txt': lines.join('\n'), 'b.txt': Buffer.from(lines.join('\n'), 'latin1') })
        await allAgree(searches, { grep, ignore_case: String(ignoreCase) })
      }),
      { numRuns: 25 },
    )
    expect.hasAssertions()
  })
})

describe('ignore rules that are generated', () => {
  const name = fc.constantFrom('a', 'b', '.c', 'ab', 'a.x', '.x', 'b.x')
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
  const segment = fc.constantFrom(
    'a',
    'b',
    '.c',
    '*',
    '**',
    'a*',
    '*.x',
    '?',
    '[ab]',
    '[!a]',
    '.*',
    'a**',
    '*b*',
    '\\a',
  )
  const rule = fc
    .tuple(
      fc.constantFrom('', '', '', '!'),
      fc.constantFrom('', '', '/'),
      fc.array(segment, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '', '/'),
    )
    .map(([negation, anchor, segments, slash]) => negation + anchor + segments.join('/') + slash)
  const rules = fc.array(rule, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n'))
  const place = fc.oneof(
    fc.constantFrom('.gitignore', '.ignore', '.rgignore', '.git/info/exclude'),
    fc
      .tuple(
        fc.constantFrom('a/', 'b/', 'a/b/', '.c/'),
        fc.constantFrom('.gitignore', '.gitignore', '.ignore', '.rgignore'),
      )
      .map(([folder, file]) => folder + file),
  )

  it('leave the same files to both engines', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(path, { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(place, rules), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', 'a', 'a/b'),
        fc.constantFrom({}, { hidden: 'true' }, { no_ignore: 'true' }),
        async (paths, files, top, flags) => {
          const tree: Record<string, string> = { 'a/b/': '' }
          for (const [file, text] of files) tree[file] = text
          for (const one of paths) {
            const taken = Object.keys(tree)
            const clashes = taken.some((other) => other.startsWith(`${one}/`) || one.startsWith(`${other}/`))
            if (!clashes) tree[one] = 'found'
          }
          await allAgree(engines(tree), { grep: '^found$', ...flags }, top)
        },
      ),
      { numRuns: 25 },
    )
    expect.hasAssertions()
  })
})
