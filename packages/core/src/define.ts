import type { Agent as HttpAgent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import type { z } from 'zod'
import type { Classify } from './classify.ts'
import type { ConnectSocket } from './connect-socket.ts'
import type { StorageDriver } from './contract.ts'
import type { Pace } from './layers/pacer.ts'
import type { OAuthFlow } from './oauth/oauth-flow.ts'

/** Where a driver tells an operator something. Secrets never go in. */
export interface Log {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void
  info(message: string, facts?: Readonly<Record<string, unknown>>): void
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void
}

/** What a driver gets from whoever connects it, in place of reaching out itself. */
export interface ConnectContext {
  /** For every request of the driver: it is where the rules for outbound requests are enforced. */
  readonly fetch: typeof fetch
  /** For vendor libraries that bring their own HTTP; under the same rules as `fetch`. Absent: they make their own. */
  readonly agents?: { readonly http: HttpAgent; readonly https: HttpsAgent } | undefined
  /** For protocols that are not HTTP; under the same rules as `fetch`. */
  readonly connectSocket: ConnectSocket
  /** Ends the connecting, not the driver. */
  readonly signal?: AbortSignal | undefined
  readonly log: Log
  /** Keeps a token blob that the vendor renewed. Resolves once it is safe; use the new token only then. */
  saveToken(token: string): Promise<void>
  /**
   * Renews a token blob that several processes may share. `renew` runs for one of them at a time, is given the blob that is kept
   * by then (`undefined`: none is kept), and gives the one to use from now on. Resolves with that once it is safe.
   */
  renewToken(renew: (kept: string | undefined) => Promise<string>): Promise<string>
}

export type Category = 'cloud' | 'object_storage' | 'protocol'

/** How far it is shown that a driver works, best first. */
export type Proof = 'real-server' | 'emulator' | 'simulator+second-client' | 'simulator'

/** All there is to know of a provider. */
export interface DriverDefinition<Schema extends z.ZodObject = z.ZodObject> {
  /** As in the path of the connect endpoint. */
  readonly slug: string
  readonly title: string
  readonly category: Category
  /** What identifiers of its connections begin with, as in `bck_`. */
  readonly idPrefix: string
  /** Made with `strictOptions`. One named `encoding` decides on the names. */
  readonly options: Schema
  /** How fast an account may be asked. */
  readonly pace?: Pace | undefined
  /** In place of `pace` where it depends on the options. */
  paceFor?(options: z.output<Schema>): Pace
  readonly classify?: Classify | undefined
  /**
   * `standard`: users see names that are safe as path segments, whatever the vendor allows. `untouched`: the driver
   * takes care of its names. Default `standard`.
   */
  readonly names?: 'standard' | 'untouched' | undefined
  /** For vendors at whom users allow access. */
  readonly oauth?: OAuthFlow<z.output<Schema>> | undefined
  /** Proves the credentials with one cheap call. It loads the vendor's library, lazily, and switches its retries off. */
  connect(options: z.output<Schema>, context: ConnectContext): Promise<StorageDriver>
  readonly proof: Proof
}

/** Checks a definition and keeps the type of its options. */
export function defineDriver<Schema extends z.ZodObject>(
  definition: DriverDefinition<Schema>,
): DriverDefinition<Schema> {
  return definition
}
