import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { completions } from './completions.ts'
import { allFlags, shells } from './flags.ts'

const hasBash = process.platform !== 'win32'

/** What bash offers for a command line whose last word is being typed. */
function bashOffers(...words: readonly string[]): string[] {
  const script = `${completions('bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _filegate; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
}

describe('completions', () => {
  test.each(shells)('for %s know every flag', (shell) => {
    const script = completions(shell)
    for (const [name, flag] of allFlags) {
      if (flag.positional) continue
      const spelled = `${flag.on ? 'no-' : ''}${name}`
      expect(script).toMatch(new RegExp(`(--|-l )${spelled}\\b`))
    }
  })

  test.each(shells)('for %s quote evenly', (shell) => {
    const withoutComments = completions(shell).replace(/^#.*$/gm, '')
    expect((withoutComments.match(/'/g) ?? []).length % 2).toBe(0)
  })

  test.runIf(hasBash)('for bash are valid', () => {
    expect(execFileSync('bash', ['-n'], { input: completions('bash'), encoding: 'utf8' })).toBe('')
  })

  test.runIf(hasBash)('for bash offer flags, values and files', () => {
    expect(bashOffers('filegate', '--allow-')).toEqual(
      expect.arrayContaining(['--allow-all', '--allow-grep', '--allow-search']),
    )
    expect(bashOffers('filegate', '--compress', '')).toEqual(['none', 'low', 'medium', 'high'])
    expect(bashOffers('filegate', '--completions', 'f')).toEqual(['fish'])
    const folder = mkdtempSync(join(tmpdir(), 'filegate-completions-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'pictures'))
    expect(bashOffers('filegate', join(folder, 'pi'))).toEqual([join(folder, 'pictures')])
    expect(bashOffers('filegate', '--port', '')).toEqual([])
  })
})
