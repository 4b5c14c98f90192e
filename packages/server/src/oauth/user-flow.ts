import { type DriverDefinition, StorageError } from '@filegate/core'
import type { OAuthClient } from '@filegate/core/oauth'
import { problem } from '../http/problem.ts'
import { chosenAddresses, type ServerClients, withServerClient } from './server-clients.ts'

type Options = Readonly<Record<string, unknown>>

/** How a user allows a backend access. */
export interface UserFlow {
  /** Of the vendor, or the `auth_url` of the caller. */
  readonly page: string
  /** Whether it is the `auth_url`: an address that somebody chose, and not the vendor. */
  readonly isChosen: boolean
  readonly client: OAuthClient
  readonly scopes: readonly string[]
  readonly parameters: Readonly<Record<string, string>> | undefined
}

const textOf = (options: Options, name: string): string => {
  const value = options[name]
  return typeof value === 'string' ? value : ''
}

/**
 * How a user has to allow access first; undefined where these options log in by themselves.
 * @throws StorageError `InvalidArgument` when no client is there, or an address is no good
 */
export async function userFlow(
  definition: DriverDefinition,
  given: Options,
  clients: ServerClients,
): Promise<UserFlow | undefined> {
  const { oauth } = definition
  if (!oauth) return undefined
  const { parseOptions } = await import('@filegate/core/options')
  const options = parseOptions(definition.options, withServerClient(definition, given, clients))
  if (!oauth.needsUser(options)) return undefined
  const id = textOf(options, 'client_id')
  if (id === '') throw noClient(definition, Object.hasOwn(clients, definition.slug))
  refuseBorrowed(definition, given, clients)
  return {
    isChosen: textOf(options, 'auth_url') !== '',
    page: webAddress('auth_url', textOf(options, 'auth_url') || oauth.authorizeUrl(options)),
    client: {
      id,
      secret: textOf(options, 'client_secret'),
      tokenUrl: webAddress('token_url', textOf(options, 'token_url') || oauth.tokenUrl(options)),
    },
    scopes: oauth.scopes(options),
    parameters: oauth.parameters,
  }
}

/** The same for a backend that may hold a token, which is to be replaced. */
export async function newUserFlow(
  definition: DriverDefinition,
  given: Options,
  clients: ServerClients,
): Promise<UserFlow> {
  const { token: _replaced, ...rest } = given
  const flow = await userFlow(definition, rest, clients)
  if (flow) return flow
  // Some vendors have other ways to log in, and want to be told of a client before a user is asked.
  if (textOf(rest, 'client_id') === '' && (await userFlow(definition, { ...rest, client_id: 'any' }, {}))) {
    throw noClient(definition, Object.hasOwn(clients, definition.slug))
  }
  const message = `This backend (${definition.title}) logs in without a user, so nobody has to allow anything.`
  throw problem('InvalidArgument', { code: 'NO_USER_NEEDED' }, message)
}

/**
 * Whoever names the client of the server, which is no secret, as their own would have users allow it access, and be given the code,
 * or the token, at an address of theirs: a client without a secret needs no more than that.
 */
function refuseBorrowed({ slug }: DriverDefinition, given: Options, clients: ServerClients): void {
  const [address] = chosenAddresses.filter((name) => textOf(given, name) !== '')
  const server = Object.hasOwn(clients, slug) ? clients[slug] : undefined
  // To Microsoft, upper and lower case are the same client.
  const isServers = textOf(given, 'client_id').trim().toLowerCase() === server?.id.toLowerCase()
  if (address === undefined || !isServers) return
  const message = `client_id: is the server's client, which speaks at the addresses of the vendor only. Leave out ${address}, or give a client of your own.`
  throw problem('InvalidArgument', { code: 'CLIENT_ID_MISSING' }, message)
}

function noClient({ slug, title }: DriverDefinition, isThere: boolean): StorageError {
  const why = isThere
    ? "is needed with an auth_url, a token_url, an endpoint or a client_secret of your own: the server's client speaks at the addresses of the vendor only."
    : `is needed so that a user can allow access: the client of an application that you registered with the vendor of ${title}.`
  const ways = isThere
    ? ''
    : ` Give client_id and client_secret, or name them once for all with --oauth-client ${slug}=ID. Or give a token.`
  return problem('InvalidArgument', { code: 'CLIENT_ID_MISSING' }, `client_id: ${why}${ways}`)
}

/** Browsers are sent there, and secrets. */
function webAddress(option: string, address: string): string {
  const url = URL.parse(address)
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url.href
  throw new StorageError('InvalidArgument', `${option}: must be an address such as https://vendor.example/oauth`)
}
