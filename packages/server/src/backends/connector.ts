import { type CachePolicy, type DriverDefinition, type Log, openDriver, StorageError } from '@filegate/core'
import type { AddressRules } from '../outbound/address-rules.ts'
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
  readonly rules: AddressRules
  readonly credentialsFile: ResolveFile
  readonly lendCredentials: () => Promise<void>
  /** Milliseconds until a connection that hangs is given up. */
  readonly patience: number
  /** How long its listings are remembered. */
  readonly cacheOf: (id: string) => CachePolicy
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
}

export type Connect = (connecting: Connecting) => Promise<LiveDriver>

/** What is kept of one connection besides its driver. */
interface Line {
  readonly id: string
  readonly tell: (message: string) => void
  /** Takes out the secrets that are known by now: tokens are renewed. */
  readonly scrub: Scrub
}

/**
 * Connects with the rules for outbound requests in force, and gives up in time, whatever the driver does.
 * Whatever it rejects with, and whatever the driver rejects with later, is a StorageError without secrets.
 */
export function createConnect({ rules, patience, cacheOf, say, ...lending }: Surroundings): Connect {
  return async ({ definition, id, options, signal, saveToken }) => {
    let known = scrubberOf(definition, options)
    const scrub: Scrub = (text) => known(text)
    const tell = (message: string): void => say(scrub(`${definition.slug} backend ${id}: ${message}`))
    const outbound = createOutbound(rules)
    const late = `${definition.title} did not answer within ${patience / 1000} s.`
    const deadline = deadlineAfter(patience, late, signal)
    const opening = openDriver(definition, options, {
      fetch: outbound.fetch,
      agents: outbound.agents,
      connectSocket: outbound.connectSocket,
      signal: deadline.signal,
      ...lending,
      cache: cacheOf(id),
      log: logOf(tell),
      async saveToken(token) {
        known = scrubberOf(definition, options, { token })
        await saveToken(token)
      },
    })
    const line: Line = { id, tell, scrub }
    try {
      const driver = await Promise.race([opening, deadline.expired])
      return liveDriver({ driver, release: () => outbound.close(), ...errorsOf(line) })
    } catch (error) {
      // A driver that arrives after all is closed by `openDriver`, which sees the aborted signal.
      void Promise.allSettled([opening])
      await Promise.allSettled([outbound.close()])
      throw connectingError(definition, line, error)
    } finally {
      deadline.clear()
    }
  }
}

/** Drivers say little: what an operator should know, and what an option asks them to say. */
function logOf(tell: (message: string) => void): Log {
  const note: Log['warn'] = (message, facts) => tell(facts ? `${message} ${JSON.stringify(facts)}` : message)
  return { debug: note, info: note, warn: note }
}

/** How the errors of a connection in use are shown to callers, and those that nobody waits for are told. */
function errorsOf({ id, tell, scrub }: Line) {
  return {
    shown(error: StorageError): StorageError {
      if (error.code === 'Unexpected') tell(`${error.operation ?? 'an operation'} failed: ${traceOf(error)}`)
      return errorInUse(id, cleanedError(error, scrub))
    },
    report: (error: unknown): void => tell(`closing it failed: ${traceOf(error)}`),
  }
}

function connectingError({ title }: DriverDefinition, { tell, scrub }: Line, error: unknown): StorageError {
  if (StorageError.is(error) && error.code !== 'Unexpected') return cleanedError(error, scrub)
  tell(`connecting failed: ${traceOf(error)}`)
  return new StorageError('Unexpected', `${title} failed in an unknown way; the log of the server says more.`)
}
