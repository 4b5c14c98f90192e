import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processorTime } from '../../testing/processor-time.ts'
import { matchLines } from './match-lines.ts'
import { unifiedDiff } from './unified.ts'

const options = { before: 'a', after: 'b' }
const diff = (before: string, after: string): string =>
  Buffer.from(unifiedDiff(Buffer.from(before), Buffer.from(after), options)).toString()

/** A `patch` of our own: applies hunks strictly, line for line. */
function patched(before: string, patch: string): string {
  const split = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const lines = split(before)
  const out: string[] = []
  let at = 0
  const body = split(patch).slice(2)
  for (const [index, line] of body.entries()) {
    const isEnd = (body[index + 1] ?? '').startsWith('\\')
    const text = isEnd ? line.slice(1, -1) : line.slice(1)
    const [, start = '', count = '1'] = /^@@ -(\d+)(?:,(\d+))? /.exec(line) ?? []
    if (start !== '') {
      const first = count === '0' ? Number(start) : Number(start) - 1
      while (at < first) out.push(lines[at++] ?? '')
    } else if (line.startsWith(' ') || line.startsWith('-')) {
      if (lines[at] !== text) throw new Error(`line ${at + 1} is not what the patch says`)
      at += 1
      if (line.startsWith(' ')) out.push(text)
    } else if (line.startsWith('+')) out.push(text)
  }
  return [...out, ...lines.slice(at)].join('')
}

const text = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', 'c', '', 'dd', 'é'), { maxLength: 40 }), fc.boolean())
  .map(([lines, ends]) => lines.join('\n') + (ends && lines.length > 0 ? '\n' : ''))

describe('the unified difference of two texts', () => {
  it('has the form that diff -u prints', () => {
    const lines = (numbers: number[]): string => numbers.map((number) => `line ${number}\n`).join('')
    const before = lines(Array.from({ length: 30 }, (_, number) => number))
    const after = before.replace('line 3\n', '').replace('line 20\n', 'line 20, changed\n')
    expect(diff(before, after)).toBe(
      [
        '--- a',
        '+++ b',
        '@@ -1,7 +1,6 @@',
        ' line 0',
        ' line 1',
        ' line 2',
        '-line 3',
        ' line 4',
        ' line 5',
        ' line 6',
        '@@ -18,7 +17,7 @@',
        ' line 17',
        ' line 18',
        ' line 19',
        '-line 20',
        '+line 20, changed',
        ' line 21',
        ' line 22',
        ' line 23',
        '',
      ].join('\n'),
    )
  })

  it('is empty for equal texts, and counts an empty side from 0', () => {
    expect(diff('x\n', 'x\n')).toBe('')
    expect(diff('', 'x\n')).toBe('--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n')
    expect(diff('x\ny\n', '')).toBe('--- a\n+++ b\n@@ -1,2 +0,0 @@\n-x\n-y\n')
  })

  it('says where a last line has no newline', () => {
    expect(diff('x', 'x\n')).toBe('--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n')
  })

  it('leads from the one to the other', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const patch = diff(before, after)
        expect(patch === '' ? before : patched(before, patch)).toBe(after)
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps bytes that are no valid text', () => {
    const patch = unifiedDiff(Buffer.from([0xff, 0x0a]), Buffer.from([0xfe, 0x0a]), options)
    expect(Buffer.from(patch).toString('latin1')).toContain('-\xff\n+\xfe\n')
  })
})

describe('patch', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'filegate-diff-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const isThere = spawnSync('patch', ['--version']).status === 0
  it(`takes what is printed${isThere ? '' : ' (not run: there is no patch on this machine)'}`, () => {
    if (!isThere) return
    const numbers = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 })
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        const [before, after] = [one, other].map((values) => values.map((value) => `${value}\n`).join(''))
        if (before === undefined || after === undefined || before === after) return
        const file = join(folder, 'file')
        writeFileSync(file, before)
        const patch = unifiedDiff(Buffer.from(before), Buffer.from(after), { before: 'file', after: 'file' })
        const { status, stdout } = spawnSync('patch', ['--batch', '--fuzz=0', file], { input: patch })
        // An empty result is a removed file to patch.
        const result = existsSync(file) ? readFileSync(file, 'utf8') : ''
        expect([status, stdout.toString(), result]).toEqual([0, expect.any(String), after])
      }),
      { numRuns: 40 },
    )
  })
})

describe('matching lines', () => {
  it('pairs equal lines, in their order', () => {
    const lines = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 25 })
    fc.assert(
      fc.property(lines, lines, (one, other) => {
        const { before, after } = matchLines(Int32Array.from(one), Int32Array.from(other), 6)
        const kept = one.filter((_, place) => before[place] === 0)
        expect(kept).toEqual(other.filter((_, place) => after[place] === 0))
      }),
      { numRuns: 3000 },
    )
  })

  const count = 100_000
  const random = (most: number): Int32Array =>
    Int32Array.from({ length: count }, () => Math.floor(Math.random() * most))
  const patterns: Record<string, readonly [Int32Array, Int32Array, number]> = {
    'two kinds of lines in any order': [random(2), random(2), 2],
    'three hundred kinds of lines in any order': [random(300), random(300), 300],
    'the same lines backwards': [
      Int32Array.from({ length: count }, (_, line) => line),
      Int32Array.from({ length: count }, (_, line) => count - 1 - line),
      count,
    ],
    'two lines in turn, shifted against one with a third in between': [
      Int32Array.from({ length: count }, (_, line) => line % 2),
      Int32Array.from({ length: count }, (_, line) => (line % 7 === 0 ? 2 : (line + 1) % 2)),
      3,
    ],
  }
  for (const [name, [before, after, distinct]] of Object.entries(patterns)) {
    it(`comes to an end soon for ${name}`, () => {
      let changed: ReturnType<typeof matchLines> = { before: new Uint8Array(), after: new Uint8Array() }
      const time = processorTime(() => (changed = matchLines(before, after, distinct)))
      expect(time).toBeLessThan(5000)
      const kept = (lines: Int32Array, marks: Uint8Array): Int32Array => lines.filter((_, place) => marks[place] === 0)
      expect(kept(before, changed.before)).toEqual(kept(after, changed.after))
    })
  }
})
