import { readFile } from 'node:fs/promises'
import { describeOptions } from '@filegate/core/options'
import { expect, it } from 'vitest'
import { options } from './options.ts'

it('the options are in the README as the schema has them', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  for (const { name, type, required, default: value, description } of describeOptions(options).rows) {
    const shown = required ? 'required' : value === '' ? '' : `\`${String(value)}\``
    expect(readme).toContain(`| \`${name}\` | ${type} | ${shown} | ${description} |`)
  }
})
