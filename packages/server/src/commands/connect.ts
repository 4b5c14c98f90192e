import { userInfo } from 'node:os'
import { describeOptions, type OptionRow } from '@filegate/core/options'
import { authorizePath } from '../backends/backend-errors.ts'
import { createRegistry, type Registry } from '../backends/registry.ts'
import { CommandError } from '../cli/command-error.ts'
import { dashed, parseArguments } from './arguments.ts'
import { sharedFlags, sharedHelp, withBackends } from './command-backends.ts'
import { commands } from './commands.ts'
import { givenOptions, typedSecrets, variableOf } from './given-options.ts'
import { table } from './table.ts'

/** Connects a backend and prints its identifier. */
export async function connect(args: readonly string[]): Promise<number> {
  const [slug = '', ...rest] = args
  const registry = createRegistry()
  if (slug === '' || slug.startsWith('-')) return askForProvider(registry, slug)
  if (!registry.has(slug)) {
    throw new CommandError(2, `there is no provider '${slug}'; the providers are: ${registry.slugs.join(', ')}`)
  }
  const { title, options } = await registry.load(slug)
  const { rows } = describeOptions(options)
  const flags = rows.map(({ name, type }) => ({ name, isSwitch: type === 'boolean' }))
  const given = parseArguments(rest, [...flags, { name: 'options', isSwitch: false }, ...sharedFlags])
  if (given.values.has('help')) return help(slug, title, rows)
  if (given.positionals.length > 0) throw new CommandError(2, 'options are given as flags; --help lists them')
  const places = { variables: process.env, input: process.stdin }
  const values = await givenOptions(slug, rows, given, places)
  for (const name of typedSecrets(rows, given)) {
    process.stderr.write(
      `filegate: --${dashed(name)} can be seen by others while it stands on the command line; ` +
        `next time set ${variableOf(slug, name)}, or give - and type it, or pipe it in\n`,
    )
  }
  const request = { provider: slug, options: values, owner: userInfo().username }
  const { id, status } = await withBackends(given, (backends) => backends.connect(request))
  process.stdout.write(`${id}\n`)
  const use = `a server with --allow-remote reads it with ?backend=${id}`
  const message =
    status === 'connected'
      ? `connected; ${use}`
      : `stored; ${use} as soon as a user allowed access: open ${authorizePath(id)} of that server in a browser. ` +
        `Without one, filegate authorize ${slug} gets a token for --token`
  process.stderr.write(`filegate: ${message}\n`)
  return 0
}

/** What is said of `filegate connect` alone. It is a mistake, unless help was asked for. */
async function askForProvider(registry: Registry, typed: string): Promise<number> {
  const asked = typed === '--help' || typed === '-h'
  const rows = await Promise.all(registry.slugs.map(async (slug) => [slug, (await registry.load(slug)).title] as const))
  const lines = ['Usage: ' + (commands['connect']?.usage ?? ''), '', 'Providers:', ...table(rows), '']
  process[asked ? 'stdout' : 'stderr'].write(lines.join('\n'))
  return asked ? 0 : 2
}

function help(slug: string, title: string, rows: readonly OptionRow[]): number {
  const options = rows.map((row) => [flagText(row), optionText(row)] as const)
  const lines = [
    `Connects ${title}.`,
    '',
    `Usage: filegate connect ${slug} [options]`,
    '',
    'Options:',
    ...table(options),
    '',
    ...table([['--options <json>', 'The options as a JSON object; - reads it from standard input'], ...sharedHelp]),
    '',
    `Each option is also a variable of the environment, such as ${variableOf(slug, 'description')}, and - in place of a`,
    'value reads it from standard input: so no secret has to stand on the command line.',
    '',
  ]
  process.stdout.write(lines.join('\n'))
  return 0
}

const flagText = ({ name, type }: OptionRow): string =>
  `--${dashed(name)}${type === 'boolean' ? '' : ` <${type === 'integer' ? 'number' : 'text'}>`}`

function optionText({ description, required, deprecated, default: value }: OptionRow): string {
  const notes = [
    ...(required ? ['required'] : []),
    ...(deprecated ? ['deprecated'] : []),
    ...(value !== undefined && value !== '' && value !== false
      ? [`default: ${typeof value === 'string' ? value : JSON.stringify(value)}`]
      : []),
  ]
  return notes.length > 0 ? `${description} [${notes.join(', ')}]` : description
}
