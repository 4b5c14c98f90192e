import { readFile } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { StorageError } from '@filegate/core'
import { isGrantLost } from '@filegate/core/oauth'
import { describeOptions } from '@filegate/core/options'
import type { BackendFacts } from '../backends/backend-facts.ts'
import type { Backends } from '../backends/backends.ts'
import { CommandError } from '../cli/command-error.ts'
import { parseArguments } from './arguments.ts'
import { sharedFlags, sharedHelp, withBackends } from './command-backends.ts'
import { commands } from './commands.ts'
import { parseRcloneConfig, type Remote } from './rclone/config-text.ts'
import { optionsOfRemote, slugOf } from './rclone/remote-options.ts'
import { table } from './table.ts'

/** Connects the remotes of a configuration of rclone, and says of each what became of it. */
export async function importRclone(args: readonly string[]): Promise<number> {
  const given = parseArguments(args, [...sharedFlags, { name: 'only', isSwitch: false }])
  if (given.values.has('help')) return help()
  const [path = defaultConfig(), ...more] = given.positionals
  if (more.length > 0) throw new CommandError(2, 'import-rclone takes one file')
  const remotes = chosen(await read(path), given.values.get('only') ?? [], path)
  return withBackends(given, async (backends) => {
    let code = 0
    for (const remote of remotes) {
      if (!(await imported(backends, remote))) code = 1
    }
    return code
  })
}

/** Where rclone keeps it when nobody says otherwise. */
function defaultConfig(): string {
  const { RCLONE_CONFIG, XDG_CONFIG_HOME } = process.env
  return RCLONE_CONFIG || join(XDG_CONFIG_HOME || join(homedir(), '.config'), 'rclone', 'rclone.conf')
}

async function read(path: string): Promise<Remote[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CommandError(1, `${path} cannot be read`, cause)
  })
  try {
    return parseRcloneConfig(text)
  } catch (error) {
    throw StorageError.is(error) ? new CommandError(1, `${path}: ${error.message}`, error) : error
  }
}

function chosen(remotes: readonly Remote[], names: readonly string[], path: string): readonly Remote[] {
  const bare = names.map((name) => name.replace(/:$/, ''))
  const missing = bare.find((name) => !remotes.some((remote) => remote.name === name))
  if (missing !== undefined) throw new CommandError(2, `--only: ${path} has no remote '${missing}'`)
  return bare.length === 0 ? remotes : remotes.filter(({ name }) => bare.includes(name))
}

/** Whether the remote was connected. */
async function imported(backends: Backends, remote: Remote): Promise<boolean> {
  const provider = slugOf(remote)
  const say = (outcome: string): void => void process.stdout.write(`${remote.name}: ${outcome}\n`)
  if (!backends.registry.has(provider)) {
    say(provider === '' ? 'left out, it has no type' : `left out, there is no provider for '${provider}' here`)
    return false
  }
  const { rows } = describeOptions((await backends.registry.load(provider)).options)
  const { options, leftOut, unreadable } = optionsOfRemote(remote, rows)
  if (unreadable.length > 0) {
    say(`failed, this is no password of rclone: ${unreadable.join(', ')}`)
    return false
  }
  try {
    const { id, status } = await connected(backends, provider, options)
    const notes = [
      ...(leftOut.length > 0 ? [`without ${leftOut.join(', ')}, which are not known here`] : []),
      ...(status === 'connected' ? [] : ['once a user has allowed access']),
    ]
    say(notes.length > 0 ? `${id} (${notes.join('; ')})` : id)
    return true
  } catch (error) {
    if (!StorageError.is(error)) throw error
    say(`failed, ${error.message}`)
    return false
  }
}

/**
 * Most tokens of rclone were given to the client of rclone, which nobody else renews. Where a user can allow access anew, the rest is
 * kept for that.
 */
async function connected(
  backends: Backends,
  provider: string,
  options: Readonly<Record<string, string>>,
): Promise<BackendFacts> {
  const owner = userInfo().username
  try {
    return await backends.connect({ provider, options, owner })
  } catch (error) {
    const { token, ...rest } = options
    if (token === undefined || !isGrantLost(error)) throw error
    const again = backends.connect({ provider, options: rest, owner })
    return again.catch(() => {
      throw error
    })
  }
}

function help(): number {
  const rows = [['--only <remote>', 'Import just this one; several times for several'] as const, ...sharedHelp]
  const lines = [`Usage: ${commands['import-rclone']?.usage ?? ''}`, '', ...table(rows), '']
  process.stdout.write(lines.join('\n'))
  return 0
}
