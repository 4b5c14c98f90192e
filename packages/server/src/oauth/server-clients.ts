import type { DriverDefinition } from '@filegate/core'

/** An application that the operator registered with a vendor. */
export interface ServerClient {
  readonly id: string
  /** Empty for public clients, which have none. */
  readonly secret: string
  /** Where the secret came from, if it was a file. */
  readonly file?: string | undefined
}

/** By provider. */
export type ServerClients = Readonly<Record<string, ServerClient>>

type Options = Readonly<Record<string, unknown>>

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

/** Options with which a caller decides where the secret of the client would be sent, or what a user allowed it. */
export const chosenAddresses = ['auth_url', 'token_url', 'endpoint'] as const
const foreign = [...chosenAddresses, 'client_secret'] as const

const isOn = (value: unknown): boolean => value === true || (typeof value === 'string' && /^\s*true\s*$/i.test(value))

/**
 * The client of the server for these options. It speaks for users at the addresses of the vendor only: whoever chooses another
 * address, or wants to be the client itself, brings a client.
 */
function clientFor(
  { slug, oauth }: DriverDefinition,
  options: Options,
  clients: ServerClients,
): ServerClient | undefined {
  if (!oauth || !isEmpty(options['client_id']) || !Object.hasOwn(clients, slug)) return undefined
  if (foreign.some((name) => !isEmpty(options[name])) || isOn(options['client_credentials'])) return undefined
  return clients[slug]
}

/** The options as they are used. What is stored stays without the client of the server, which may change. */
export function withServerClient(definition: DriverDefinition, options: Options, clients: ServerClients): Options {
  const client = clientFor(definition, options, clients)
  return client ? { ...options, client_id: client.id, client_secret: client.secret } : options
}
