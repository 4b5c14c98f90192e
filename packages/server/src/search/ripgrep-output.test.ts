import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRipgrepOutput } from './ripgrep-output.ts'

/** A bar stands for the NUL between fields. */
const printed = [
  './a.txt|1-before\n./a.txt|2|5|text: foo\r\n./a.txt|3|1|foo\n',
  './b\nc|9|1|foo 1-2\n',
  './late|1|1|foo\n./late: WARNING: stopped searching binary file after match (found "\\0" byte around offset 9)\n',
  './d|12|foo\r\n',
  '\n4 matches\n4 matched lines\n3 files contained matches\n17 files searched\n',
]
  .join('')
  .replaceAll('|', '\0')

function read(chunks: readonly Buffer[], limits = { context: 1, maxCount: 50, maxMatches: 500 }) {
  const files: [string, unknown][] = []
  const output = readRipgrepOutput(limits, (path, matches) => {
    files.push([path.toString(), matches])
    return true
  })
  for (const chunk of chunks) if (!output.push(chunk)) break
  return { searched: output.finish(), files }
}

describe('what ripgrep prints', () => {
  it('is understood however it is cut into chunks', () => {
    const bytes = Buffer.from(printed)
    const whole = {
      searched: 17,
      files: [
        [
          './a.txt',
          [
            { line: 2, column: 4, text: 'text: foo', before: ['before'], after: ['foo'] },
            { line: 3, column: 0, text: 'foo', before: ['text: foo'], after: [] },
          ],
        ],
        ['./b\nc', [{ line: 9, column: 0, text: 'foo 1-2', before: [], after: [] }]],
        ['./d', [{ line: 12, column: 3, text: 'foo', before: [], after: [] }]],
      ],
    }
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.sort((one, other) => one - other), bytes.length]
        expect(read(places.slice(1).map((end, place) => bytes.subarray(places[place], end)))).toEqual(whole)
      }),
    )
  })

  it('tells nothing of how many files were searched when it ends early', () => {
    expect(read([Buffer.from(printed.slice(0, 60))]).searched).toBeUndefined()
  })

  it('is read no further than the lines behind the last match that is wanted', () => {
    const { files } = read([Buffer.from(printed)], { context: 0, maxCount: 50, maxMatches: 1 })
    expect(files.map(([path]) => path)).toEqual(['./a.txt'])
  })
})
