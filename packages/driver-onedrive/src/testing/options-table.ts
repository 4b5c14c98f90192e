import { describeOptions } from '@filegate/core/options'
import { options } from '../options.ts'

/** The options as the README shows them. */
export function optionsTable(): string {
  const lines = describeOptions(options).rows.map(({ name, type, required, deprecated, description, ...row }) => {
    const value = required ? 'required' : row.default === '' ? '' : `\`${String(row.default)}\``
    return `| \`${name}\` | ${type} | ${value} | ${deprecated ? 'Deprecated. ' : ''}${description} |`
  })
  return ['| option | type | default | what it does |', '|---|---|---|---|', ...lines].join('\n')
}
