import { parseArgs } from 'node:util'
import { CommandError } from './command-error.ts'
import { allFlags, type Flag, flags, isSwitch } from './flags.ts'
import type { Given, GivenValues } from './given.ts'
import { suggest } from './suggest.ts'

const options = Object.fromEntries(
  [...allFlags]
    .filter(([, flag]) => !flag.positional)
    .map(([name, flag]) => [
      name,
      { type: isSwitch(flag) ? ('boolean' as const) : ('string' as const), ...(flag.short && { short: flag.short }) },
    ]),
)

/**
 * Reads what was typed. `folder` is where relative paths start.
 * @throws CommandError on an unknown flag, a missing value, or more than one path.
 */
export function parseCommandLine(args: readonly string[], folder: string): GivenValues {
  // Node only cuts the line into tokens; its own messages know nothing of what the flags mean.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const values = new Map<Flag, Given>()
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (values.has(flags['serve-path'])) refuse(`only one path can be served, and '${token.value}' is another one`)
      values.set(flags['serve-path'], { value: token.value, name: 'path', folder })
    } else if (token.kind === 'option') {
      const { flag, value } = readOption(token)
      const earlier = flag.repeatable && values.get(flag)
      values.set(flag, { value: earlier ? joined(earlier.value, value) : value, name: token.rawName, folder })
    }
  }
  return values
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function readOption({ name, rawName, value, inlineValue }: OptionToken): { flag: Flag; value: string | boolean } {
  const flag = allFlags.get(name)
  if (!flag || flag.positional) return readNegated(name, rawName, value)
  if (isSwitch(flag)) return { flag, value: value ?? true }
  const example = `${rawName}=<${flag.argument}>`
  if (value === undefined) return refuse(`${rawName} needs a value: ${example}`)
  // Most likely the value was forgotten, and the next flag taken for it.
  if (!inlineValue && /^-./.test(value))
    return refuse(`${rawName} needs a value; one that starts with '-' is written ${example}`)
  return { flag, value }
}

function readNegated(name: string, rawName: string, value: string | undefined): { flag: Flag; value: boolean } {
  const flag = name.startsWith('no-') ? allFlags.get(name.slice(3)) : undefined
  if (flag && isSwitch(flag) && !flag.onlyTyped) {
    if (value !== undefined) refuse(`${rawName} takes no value`)
    return { flag, value: false }
  }
  const known = [...allFlags].filter(([, candidate]) => !candidate.positional).map(([candidate]) => `--${candidate}`)
  const meant = rawName.startsWith('--') ? suggest(rawName, known) : undefined
  return refuse(`there is no flag ${rawName}${meant ? `, did you mean ${meant}?` : ''} (--help lists all)`)
}

const joined = (earlier: unknown, value: unknown): unknown[] => [
  ...(Array.isArray(earlier) ? earlier : [earlier]),
  value,
]

function refuse(message: string): never {
  throw new CommandError(2, message)
}
