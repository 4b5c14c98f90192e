import type { BackendFacts } from '../backends/backend-facts.ts'
import type { Backends } from '../backends/backends.ts'
import { CommandError } from '../cli/command-error.ts'
import { type Arguments, parseArguments } from './arguments.ts'
import { sharedFlags, sharedHelp, withBackends } from './command-backends.ts'
import { commands } from './commands.ts'
import { table } from './table.ts'

type Work = (backends: Backends, ids: readonly string[], given: Arguments) => Promise<number>

const works: Readonly<Record<string, Work>> = { list, test, remove }

/** Lists, tests or removes the connected backends. */
export async function manageBackends(args: readonly string[]): Promise<number> {
  const given = parseArguments(args, [...sharedFlags, { name: 'json', isSwitch: true }])
  const [word = 'list', ...ids] = given.positionals
  if (given.values.has('help')) return help()
  const work = Object.hasOwn(works, word) ? works[word] : undefined
  if (!work) throw new CommandError(2, `there is no 'backends ${word}', only ${Object.keys(works).join(', ')}`)
  return withBackends(given, (backends) => work(backends, ids, given))
}

async function list(backends: Backends, _ids: readonly string[], { values }: Arguments): Promise<number> {
  const all = await backends.list()
  if (values.has('json')) process.stdout.write(`${JSON.stringify(all)}\n`)
  else if (all.length === 0) process.stdout.write('No backend is connected.\n')
  else process.stdout.write(`${all.map(line).join('\n')}\n`)
  return 0
}

const line = ({ id, title, server, user, description, status, problem }: BackendFacts): string =>
  [id, title, server, user, description, status !== 'connected' && `(${status})`, problem && `(${problem})`]
    .filter((part) => part)
    .join('  ')

/** The exit code says whether all of them answer. */
async function test(backends: Backends, ids: readonly string[]): Promise<number> {
  const asked = ids.length > 0 ? ids : (await backends.list()).map(({ id }) => id)
  let code = 0
  for (const id of asked) {
    const { connected, message } = await backends.test(id)
    process.stdout.write(`${id}  ${connected ? 'ok' : 'failed'}  ${message}\n`)
    if (!connected) code = 1
  }
  return code
}

async function remove(backends: Backends, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) throw new CommandError(2, 'backends remove needs the identifiers of what to remove')
  for (const id of ids) {
    await backends.remove(id)
    process.stdout.write(`${id}  removed\n`)
  }
  return 0
}

function help(): number {
  const rows = [['--json', 'List as JSON'] as const, ...sharedHelp]
  process.stdout.write([`Usage: ${commands['backends']?.usage ?? ''}`, '', ...table(rows), ''].join('\n'))
  return 0
}
