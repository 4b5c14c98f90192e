import {
  type CachePolicy,
  type ConnectContext,
  type DriverDefinition,
  type Log,
  openDriver,
  StorageError,
} from '@filegate/core'
import { isGrantLost } from '@filegate/core/oauth'
import { type ServerClients, withServerClient } from '../oauth/server-clients.ts'
import type { OutboundRules } from '../outbound/check-target.ts'
import type { ResolveFile } from '../outbound/credentials-files.ts'
import { createOutbound } from '../outbound/outbound.ts'
import { errorInUse } from './backend-errors.ts'
import type { GivenOptions } from './backend-store.ts'
import { cleanedError, traceOf } from './cleaned-error.ts'
import { deadlineAfter } from './deadline.ts'
import { liveDriver, type LiveDriver } from './live-driver.ts'
import { type Scrub, scrubberOf } from './without-secrets.ts'

/** The surroundings in which drivers connect. */
export interface Surroundings {
  readonly rules: OutboundRules
  readonly credentialsFile: ResolveFile
  readonly lendCredentials: () => Promise<void>
  /** Milliseconds until a connection that hangs is given up. */
  readonly patience: number
  /** How long its listings are remembered. */
  readonly cacheOf: (id: string) => CachePolicy
  /** The OAuth clients of the server, for those who bring none. */
  readonly clients: ServerClients
  /** Tells the operator something. It never gets a secret. */
  readonly say: (message: string) => void
}

export interface Connecting {
  readonly definition: DriverDefinition
  readonly id: string
  readonly options: GivenOptions
  readonly signal?: AbortSignal | undefined
  /** Keeps a token that the vendor renewed. */
  readonly saveToken: (token: string) => Promise<void>
  /** Renews a token. The signal ends the waiting for others who do the same, not what was begun. */
  readonly renewToken: (signal: AbortSignal) => ConnectContext['renewToken']
  /** Told when only a user can help. Gives what callers are told then; undefined where that is nothing special. */
  readonly grantLost: () => Promise<StorageError | undefined>
}

export type Connect = (connecting: Connecting) => Promise<LiveDriver>

/** What is kept of one connection besides its driver. */
interface Line {
  readonly id: string
  readonly tell: (message: string) => void
  /** Takes out the secrets that are known by now: tokens are renewed. */
  readonly scrub: Scrub
  readonly grantLost: Connecting['grantLost']
}

/**
 * Connects with the rules for outbound requests in force, and gives up in time, whatever the driver does.
 * Whatever it rejects with, and whatever the driver rejects with later, is a StorageError without secrets.
 */
export function createConnect({ rules, patience, cacheOf, clients, say, ...lending }: Surroundings): Connect {
  return async ({ definition, id, options: given, signal, saveToken, renewToken, grantLost }) => {
    const options = withServerClient(definition, given, clients)
    let known = scrubberOf(definition, options)
    const scrub: Scrub = (text) => known(text)
    const tell = (message: string): void => say(scrub(`${definition.slug} backend ${id}: ${message}`))
    const outbound = createOutbound(rules)
    const late = `${definition.title} did not answer within ${patience / 1000} s.`
    const deadline = deadlineAfter(patience, late, signal)
    const learn = (token: string): void => void (known = scrubberOf(definition, options, { token }))
    const renewals = renewalsOf(renewToken, learn)
    const release = async (): Promise<void> => {
      await renewals.end()
      await outbound.close()
    }
    const opening = openDriver(definition, options, {
      fetch: outbound.fetch,
      agents: outbound.agents,
      connectSocket: outbound.connectSocket,
      signal: deadline.signal,
      ...lending,
      cache: cacheOf(id),
      log: logOf(tell),
      async saveToken(token) {
        learn(token)
        await saveToken(token)
      },
      renewToken: (renew) => renewals.renewToken(renew),
    })
    const line: Line = { id, tell, scrub, grantLost }
    try {
      const driver = await Promise.race([opening, deadline.expired])
      return liveDriver({ driver, release, ...errorsOf(line) })
    } catch (error) {
      // A driver that arrives after all is closed by `openDriver`, which sees the aborted signal.
      void Promise.allSettled([opening])
      void release().catch((reason: unknown) => tell(`closing it failed: ${traceOf(reason)}`))
      throw await connectingError(definition, line, error)
    } finally {
      deadline.clear()
    }
  }
}

/**
 * Renewals of one connection. A vendor may give each refresh token once only, so what was begun is brought to its end before the
 * connections that it uses are closed.
 */
function renewalsOf(renewToken: Connecting['renewToken'], learn: (token: string) => void) {
  const ending = new AbortController()
  const renewing = renewToken(ending.signal)
  const underWay = new Set<Promise<string>>()
  const learned = (token: string): string => {
    learn(token)
    return token
  }
  return {
    async renewToken(renew: Parameters<ConnectContext['renewToken']>[0]): Promise<string> {
      const renewal = renewing(async (kept) => learned(await renew(kept)))
      underWay.add(renewal)
      try {
        return learned(await renewal)
      } finally {
        underWay.delete(renewal)
      }
    },
    async end(): Promise<void> {
      ending.abort(new StorageError('Aborted', 'The backend was let go while its token was renewed.'))
      await Promise.allSettled(underWay)
    },
  }
}

/** Drivers say little: what an operator should know, and what an option asks them to say. */
function logOf(tell: (message: string) => void): Log {
  const note: Log['warn'] = (message, facts) => tell(facts ? `${message} ${JSON.stringify(facts)}` : message)
  return { debug: note, info: note, warn: note }
}

/** How the errors of a connection in use are shown to callers, and those that nobody waits for are told. */
function errorsOf({ id, tell, scrub, grantLost }: Line) {
  return {
    async shown(error: StorageError): Promise<StorageError> {
      const waiting = isGrantLost(error) ? await grantLost() : undefined
      if (waiting) return waiting
      if (error.code === 'Unexpected') tell(`${error.operation ?? 'an operation'} failed: ${traceOf(error)}`)
      return errorInUse(id, cleanedError(error, scrub))
    },
    report: (error: unknown): void => tell(`closing it failed: ${traceOf(error)}`),
  }
}

async function connectingError(
  { title }: DriverDefinition,
  { tell, scrub, grantLost }: Line,
  error: unknown,
): Promise<StorageError> {
  const waiting = isGrantLost(error) ? await grantLost() : undefined
  if (waiting) return waiting
  if (StorageError.is(error) && error.code !== 'Unexpected') return cleanedError(error, scrub)
  tell(`connecting failed: ${traceOf(error)}`)
  return new StorageError('Unexpected', `${title} failed in an unknown way; the log of the server says more.`)
}
