import { randomBytes } from 'node:crypto'
import type { DriverDefinition } from '@filegate/core'
import { authorizePage, exchangeCode, parseBlob, proofKey } from '@filegate/core/oauth'
import { describeOptions, type OptionRow } from '@filegate/core/options'
import { createRegistry, type Registry } from '../backends/registry.ts'
import { CommandError } from '../cli/command-error.ts'
import { flags } from '../cli/flags.ts'
import { named, type Take } from '../cli/given.ts'
import { oauthClients } from '../cli/oauth-clients.ts'
import { whole } from '../cli/value-kinds.ts'
import { refusalText } from '../oauth/refusal-text.ts'
import { newUserFlow, type UserFlow } from '../oauth/user-flow.ts'
import { createOutbound } from '../outbound/outbound.ts'
import { readProxy } from '../outbound/proxy-settings.ts'
import { type Arguments, dashed, parseArguments } from './arguments.ts'
import { sharedFlags, sharedHelp, sharedSettings } from './command-backends.ts'
import { commands } from './commands.ts'
import { givenOptions, typedSecrets, variableOf } from './given-options.ts'
import { listenForCode, type Listening } from './listen-for-code.ts'
import { pastedCode } from './pasted-code.ts'
import { table } from './table.ts'

const own = [
  { name: 'option', isSwitch: false },
  { name: 'port', isSwitch: false },
  { name: 'redirect_uri', isSwitch: false },
  { name: 'paste', isSwitch: true },
] as const

/** Where nothing listens, the port has to be known beforehand. This one is what applications are often registered with. */
const usualPort = 53_682

/** Gets a token from a vendor by way of a browser, and prints it. */
export async function authorize(args: readonly string[]): Promise<number> {
  const [slug = '', ...rest] = args
  const registry = createRegistry()
  if (slug === '' || slug.startsWith('-')) return askForProvider(registry, slug)
  if (!registry.has(slug)) {
    throw new CommandError(2, `there is no provider '${slug}'; the providers are: ${registry.slugs.join(', ')}`)
  }
  const definition = await registry.load(slug)
  if (!definition.oauth) throw new CommandError(2, `${definition.title} knows no users who allow access with OAuth`)
  const { rows } = describeOptions(definition.options)
  const options = rows.map(({ name, type }) => ({ name, isSwitch: type === 'boolean' }))
  const given = parseArguments(rest, [...options, { name: 'options', isSwitch: false }, ...own, ...sharedFlags])
  if (given.values.has('help')) return help(definition)
  if (given.positionals.length > 0) throw new CommandError(2, 'options are given as flags; --help lists them')
  const take = await sharedSettings(given)
  const flow = await newUserFlow(definition, await optionsOf(slug, rows, given), oauthClients(take, process.env))
  process.stdout.write(`${await tokenOf(flow, given, take)}\n`)
  return 0
}

async function optionsOf(slug: string, rows: readonly OptionRow[], given: Arguments): Promise<Record<string, unknown>> {
  const fromInput = [...given.values.values()].some((typed) => typed.at(-1) === '-')
  if (fromInput && given.values.has('paste')) {
    throw new CommandError(2, 'with --paste standard input is for the address; give the secret as a variable')
  }
  for (const name of typedSecrets(rows, given)) {
    say(
      `--${dashed(name)} can be seen by others while it stands on the command line; next time set ${variableOf(slug, name)}`,
    )
  }
  const values = await givenOptions(slug, rows, given, { variables: process.env, input: process.stdin })
  for (const pair of given.values.get('option') ?? []) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, equals)).replaceAll('-', '_')
    if (!rows.some((row) => row.name === name))
      throw new CommandError(2, '--option takes an option of the provider: name=value')
    values[name] = pair.slice(equals + 1)
  }
  return values
}

async function tokenOf(flow: UserFlow, given: Arguments, take: Take): Promise<string> {
  const state = randomBytes(32).toString('base64url')
  const { verifier, challenge } = proofKey()
  const listening = await listeningFor(state, given)
  const { page: url, client, scopes, parameters } = flow
  const { redirectUri } = listening
  const page = authorizePage({ url, clientId: client.id, scopes, redirectUri, state, challenge, parameters })
  say(`open this in a browser, and allow access:\n\n${page}\n`)
  const code = await listening.code()
  const outbound = createOutbound({
    privateNetwork: true,
    proxy: readProxy(take(flags['outbound-proxy']), process.env),
  })
  try {
    const token = await exchangeCode({ client, code, redirectUri, verifier }, outbound.fetch)
    if (parseBlob(token).refresh === '')
      say('the vendor gave no refresh token, so this one works for a short time only')
    return token
  } catch (error) {
    throw new CommandError(1, `the vendor gave no token for the code: ${refusalText(error)}`)
  } finally {
    await outbound.close()
  }
}

/** How the code comes back: the browser brings it to a port of this machine, or somebody copies it. */
async function listeningFor(state: string, { values }: Arguments): Promise<Listening> {
  const typed = values.get('port')?.at(-1)
  const port = typed === undefined ? undefined : named('--port', () => whole(0, 65_535)(typed, ''))
  const chosen = values.get('redirect_uri')?.at(-1)
  // RFC 6749, section 3.1.2.
  if (chosen !== undefined && URL.parse(chosen)?.hash !== '') {
    throw new CommandError(2, '--redirect-uri takes an address, which has no # in it')
  }
  if (!values.has('paste')) return listenForCode(state, { port, redirectUri: chosen })
  const redirectUri = chosen ?? `http://127.0.0.1:${port ?? usualPort}/`
  return { redirectUri, code: () => pastedCode(state, process.stdin, say) }
}

async function askForProvider(registry: Registry, typed: string): Promise<number> {
  const asked = typed === '--help' || typed === '-h'
  const definitions = await Promise.all(registry.slugs.map((slug) => registry.load(slug)))
  const rows = definitions.filter(({ oauth }) => oauth).map(({ slug, title }) => [slug, title] as const)
  const lines = ['Usage: ' + (commands['authorize']?.usage ?? ''), '', 'Providers:', ...table(rows), '']
  process[asked ? 'stdout' : 'stderr'].write(lines.join('\n'))
  return asked ? 0 : 2
}

function help({ slug, title }: DriverDefinition): number {
  const lines = [
    `Gets a token for ${title}: prints an address, waits until a user has allowed access there, and prints the token.`,
    '',
    `Usage: filegate authorize ${slug} [options]`,
    `       filegate connect ${slug} --token "$(filegate authorize ${slug})"`,
    '',
    ...table([
      ['--client-id <text>', `The OAuth client: an application that you registered. Absent: that of --oauth-client`],
      [
        '--client-secret <text>',
        `Its secret, better given in ${variableOf(slug, 'client_secret')}, or as - by standard input`,
      ],
      ['--option <name=value>', `Any other option of filegate connect ${slug}, such as the scope; they are flags, too`],
      ['--port <port>', 'The port of this machine to which the browser comes back; default any free one'],
      ['--redirect-uri <url>', 'What the application is registered with, in place of http://127.0.0.1:PORT/'],
      [
        '--paste',
        'Listen to nothing: the browser is on another machine, and you copy the address to which it is sent back',
      ],
      ...sharedHelp,
    ]),
    '',
  ]
  process.stdout.write(lines.join('\n'))
  return 0
}

const say = (message: string): void => void process.stderr.write(`filegate: ${message}\n`)
