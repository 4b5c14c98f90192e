import { text } from 'node:stream/consumers'
import type { OptionRow } from '@filegate/core/options'
import { CommandError } from '../cli/command-error.ts'
import { type Arguments, dashed } from './arguments.ts'

/** Where values come from besides the command line. */
export interface Places {
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly input: AsyncIterable<Buffer | string>
}

/** `FILEGATE_S3_SECRET_ACCESS_KEY` */
export const variableOf = (slug: string, option: string): string =>
  `FILEGATE_${slug}_${option}`.replaceAll('-', '_').toUpperCase()

/**
 * The options of a provider as they were given: as a flag, as a variable, or as a member of the JSON that `--options` names. A
 * flag goes before a variable, and a variable before the JSON. `-` in place of a value is read from standard input.
 * @throws CommandError
 */
export async function givenOptions(
  slug: string,
  rows: readonly OptionRow[],
  { values }: Arguments,
  { variables, input }: Places,
): Promise<Record<string, unknown>> {
  const fromInput = [...values].filter(([, typed]) => typed.at(-1) === '-').map(([name]) => name)
  if (fromInput.length > 1) {
    const names = fromInput.map((name) => `--${dashed(name)}`).join(' and ')
    throw new CommandError(2, `only one value can come from standard input, not ${names}`)
  }
  const read = fromInput.length > 0 ? (await text(input)).replace(/\r?\n$/, '') : ''
  const valueOf = (name: string): string | undefined => {
    const typed = values.get(name)?.at(-1)
    return typed === '-' ? read : typed
  }
  const options: Record<string, unknown> = parseObject(valueOf('options'))
  for (const { name } of rows) {
    const value = valueOf(name) ?? variables[variableOf(slug, name)]
    if (value !== undefined) options[name] = value
  }
  return options
}

/** The parser's own error would repeat the secrets. */
function parseObject(json: string | undefined): Record<string, unknown> {
  if (json === undefined) return {}
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    value = undefined
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new CommandError(2, '--options takes a JSON object, or - to read one from standard input')
}

/** The secrets that were typed, where others on this machine can see them. */
export const typedSecrets = (rows: readonly OptionRow[], { values }: Arguments): readonly string[] =>
  rows
    .filter(({ name, secret }) => secret && values.has(name) && values.get(name)?.at(-1) !== '-')
    .map(({ name }) => name)
