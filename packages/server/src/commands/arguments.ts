import { parseArgs } from 'node:util'
import { CommandError } from '../cli/command-error.ts'
import { suggest } from '../cli/suggest.ts'

/** A flag of a command. Both `--access-key-id` and `--access_key_id` name it. */
export interface CommandFlag {
  /** With underscores. */
  readonly name: string
  /** `--name` alone means true. */
  readonly isSwitch: boolean
}

export interface Arguments {
  readonly positionals: readonly string[]
  /** Every value of each flag, by its name with underscores, in the order in which they were typed. */
  readonly values: ReadonlyMap<string, readonly string[]>
}

/** @throws CommandError on an unknown flag or a missing value. No value is repeated: it may be a secret. */
export function parseArguments(args: readonly string[], flags: readonly CommandFlag[]): Arguments {
  const known = new Map(flags.map((flag) => [dashed(flag.name), flag]))
  const options = Object.fromEntries(
    flags.flatMap(({ name, isSwitch }) =>
      [dashed(name), name].map((spelling) => [
        spelling,
        { type: isSwitch ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const positionals: string[] = []
  const values = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const flag = known.get(dashed(token.name))
    if (!flag) throw unknown(token.rawName, [...known.keys()])
    const value = token.value ?? (flag.isSwitch ? 'true' : undefined)
    if (value === undefined) throw new CommandError(2, `${token.rawName} needs a value`)
    values.set(flag.name, [...(values.get(flag.name) ?? []), value])
  }
  return { positionals, values }
}

export const dashed = (name: string): string => name.replaceAll('_', '-')

function unknown(typed: string, known: readonly string[]): CommandError {
  const meant = suggest(
    typed,
    known.map((name) => `--${name}`),
  )
  return new CommandError(2, `there is no flag ${typed}${meant ? `, did you mean ${meant}?` : ''} (--help lists all)`)
}
