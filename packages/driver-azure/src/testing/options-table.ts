import { describeOptions } from '@filegate/core/options'
import type { z } from 'zod'

/** The options of a provider as the README shows them. */
export function optionsTable(options: z.ZodObject): string {
  const lines = describeOptions(options).rows.map(({ name, type, required, deprecated, description, ...row }) => {
    const value = required ? 'required' : row.default === '' ? '' : `\`${String(row.default)}\``
    return `| \`${name}\` | ${type} | ${value} | ${deprecated ? 'Deprecated. ' : ''}${description} |`
  })
  return ['| option | type | default | what it does |', '|---|---|---|---|', ...lines].join('\n')
}
