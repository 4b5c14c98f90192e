import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { allFlags } from './flags.ts'
import { helpText } from './help.ts'

describe('helpText', () => {
  const plain = helpText({ width: 80, colours: false })

  test.each([80, 60, 100, 200])('fits into %i columns', (width) => {
    const longest = Math.max(
      ...helpText({ width, colours: false })
        .split('\n')
        .map((line) => line.length),
    )
    expect(longest).toBeLessThanOrEqual(width)
  })

  test('lists every flag once, with its letter', () => {
    for (const [name, flag] of allFlags) {
      if (flag.positional) continue
      const spelled = `${flag.short ? `-${flag.short}, ` : '    '}--${flag.on ? 'no-' : ''}${name}`
      expect(plain.split('\n').filter((line) => `${line} `.startsWith(`  ${spelled} `))).toHaveLength(1)
    }
  })

  test('is the same text in colours', () => {
    const coloured = helpText({ width: 80, colours: true })
    expect(coloured).toContain('\u001b[')
    expect(stripVTControlCharacters(coloured)).toBe(plain)
  })

  test('aligns the descriptions', () => {
    const column = plain
      .split('\n')
      .find((line) => line.includes('--port'))
      ?.indexOf('Port to listen')
    expect(
      plain
        .split('\n')
        .find((line) => line.includes('--workers'))
        ?.indexOf('Processes'),
    ).toBe(column)
  })
})
