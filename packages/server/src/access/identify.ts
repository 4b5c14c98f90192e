import { hash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { root, StorageError } from '@filegate/core'
import type { Grant, Settings } from '../settings.ts'
import { type Account, Accounts } from './accounts.ts'
import { createAttempts, type Outcome } from './attempts.ts'
import { type Credentials, parseCredentials } from './credentials.ts'
import { createGate } from './gate.ts'
import { compileHidden, type IsHidden } from './hidden.ts'
import { backendRights, createRights, type Rights } from './rights.ts'
import { everything, type Scope } from './scope.ts'

/**
 * Tells who is asking. Synchronous where there is nothing to verify, or where it was verified before.
 * @throws StorageError `Unauthenticated` on wrong credentials, `Throttled` after too many of them.
 */
export type Identify = (header: (name: string) => string | undefined, remoteAddress?: string) => Scope | Promise<Scope>

export interface Clock {
  /** Milliseconds. */
  readonly now: () => number
  readonly pause: (milliseconds: number) => Promise<unknown>
}

const realClock: Clock = {
  now: () => performance.now(),
  pause: (milliseconds) => sleep(milliseconds, undefined, { ref: false }),
}

const mostRemembered = 1000
const verificationsTogether = 2
const verificationsWaiting = 64

export function createIdentify(settings: Pick<Settings, 'accounts' | 'hidden'>, clock: Clock = realClock): Identify {
  const hidden = compileHidden(settings.hidden)
  const anonymousPaths = settings.accounts.find(({ user }) => user === undefined)?.paths ?? []
  const open = settings.accounts.length === 0
  const anonymous = open ? openScope(hidden) : scopeOfRules(null, hidden, anonymousPaths)
  const accounts = new Accounts(settings.accounts)
  if (accounts.size === 0) return () => anonymous

  const verified = new Map<string, Scope>()
  const underway = new Map<string, Promise<Scope>>()
  const verify = createVerifier(accounts, clock)
  const scopeOf = (account: Account): Scope => scopeOfRules(account.user, hidden, account.paths, anonymousPaths)
  const digestOf = keyedDigest()
  return (header, remoteAddress) => {
    const authorization = header('authorization')
    if (authorization === undefined) return anonymous
    const digest = digestOf(authorization)
    const known = verified.get(digest)
    if (known) return known
    const credentials = parseCredentials(authorization)
    if (!credentials) throw new StorageError('Unauthenticated', 'Log in with a Basic or Bearer Authorization header.')
    const address = remoteAddress ?? 'local'
    // A browser asks for many things at once; one verification serves them all.
    const flight = `${address} ${digest}`
    const same = underway.get(flight)
    if (same) return same
    const verification = verify(credentials, address)
      .then((account) => {
        const scope = scopeOf(account)
        remember(verified, digest, scope)
        return scope
      })
      .finally(() => underway.delete(flight))
    underway.set(flight, verification)
    return verification
  }
}

/**
 * A short stand-in for secrets, worthless outside this process. A prefix instead of an HMAC, which takes forty times as
 * long: nobody ever sees the digests, so nobody can extend one.
 */
function keyedDigest(): (text: string) => string {
  const key = randomBytes(32).toString('hex')
  return (text) => hash('sha256', key + text, 'base64')
}

function createVerifier(accounts: Accounts, clock: Clock) {
  const attempts = createAttempts(clock.now)
  const gate = createGate(verificationsTogether, verificationsWaiting)
  // A digest instead of the name keeps the memory bounded whatever names are tried.
  const digestOf = keyedDigest()
  return async (credentials: Credentials, address: string): Promise<Account> => {
    const attempt = attempts.begin(address, credentials.scheme === 'basic' ? digestOf(credentials.user) : 'bearer')
    let outcome: Outcome = 'undecided'
    try {
      if (attempt.wait > 0) await clock.pause(attempt.wait)
      const account = await gate(() => accounts.verify(credentials))
      outcome = account ? 'succeeded' : 'failed'
      if (account) return account
    } finally {
      attempt.end(outcome)
    }
    throw new StorageError('Unauthenticated', 'The user name or the password is wrong.')
  }
}

function remember(verified: Map<string, Scope>, digest: string, scope: Scope): void {
  const [oldest] = verified.keys()
  if (verified.size >= mostRemembered && oldest !== undefined) verified.delete(oldest)
  verified.set(digest, scope)
}

function openScope(hidden: IsHidden | undefined): Scope {
  if (!hidden) return everything
  const scope: Scope = {
    ...everything,
    unrestricted: false,
    unrestrictedBelow: () => false,
    shows: (path, kind) => !hidden(path, kind),
    onBackend: () => scope,
  }
  return scope
}

/** Whoever may change everything here may use what was connected; others have what the rules say of backends. */
function scopeOfRules(
  user: string | null,
  hidden: IsHidden | undefined,
  ...sets: readonly (readonly Grant[])[]
): Scope {
  const here = createRights(...sets)
  const administrator = here.level(root) === 'write'
  const named = new Set(sets.flatMap((paths) => paths.map(({ backend }) => backend)))
  const scopes = new Map<string, Scope>()
  /** Kept by the names that stand in the rules, of which there are few; callers can ask for any. */
  const onBackend = (id: string): Scope => {
    const name = named.has(id) ? id : '*'
    const known = scopes.get(name)
    if (known) return known
    const scope = administrator
      ? { ...openScope(hidden), user, onBackend }
      : createScope(user, backendRights(name, ...sets), hidden, onBackend)
    scopes.set(name, scope)
    return scope
  }
  return createScope(user, here, hidden, onBackend)
}

function createScope(
  user: string | null,
  rights: Rights,
  hidden: IsHidden | undefined,
  onBackend: Scope['onBackend'],
): Scope {
  const { level, lowest } = rights
  return {
    user,
    unrestricted: rights.everywhere && !hidden,
    unrestrictedBelow: (path) => !hidden && ['read', 'write'].includes(lowest(path)),
    level,
    lowest,
    shows(path, kind) {
      const own = level(path)
      if (own === 'none' || (own === 'index' && kind === 'file')) return false
      return !hidden?.(path, kind)
    },
    onBackend,
  }
}
