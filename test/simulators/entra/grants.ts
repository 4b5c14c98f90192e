import { createHash, randomBytes } from 'node:crypto'
import { EntraError } from './entra-error.ts'

// Source: Microsoft identity platform and OAuth 2.0 authorization code flow; refresh tokens; RFC 6749 and RFC 7636.

/** What a user allowed an application. */
export interface Consent {
  readonly user: string
  readonly clientId: string
  readonly resource: string
  readonly scopes: readonly string[]
  /** Whether it may go on without the user, by refresh tokens. */
  readonly offline: boolean
}

export interface Code {
  readonly consent: Consent
  readonly redirectUri: string
  readonly challenge: { readonly value: string; readonly method: string } | undefined
  readonly issued: number
  redeemed: boolean
}

interface Refresh {
  readonly consent: Consent
  readonly issued: number
  /** When another one was given out in its place. */
  replaced: number | undefined
  expired: boolean
}

/** Everything that was allowed, and what came of it. Times are milliseconds of the Unix epoch. */
export interface Grants {
  readonly codes: Map<string, Code>
  readonly refreshes: Map<string, Refresh>
  /** Users whose grants of before were revoked, and when. */
  readonly revoked: Map<string, number>
  /** Applications that users took their consent from. */
  readonly withdrawn: Set<string>
  /** Milliseconds that a refresh token is still taken after another one was given out in its place. */
  reuse: number
}

export const noGrants = (reuse: number): Grants => ({
  codes: new Map(),
  refreshes: new Map(),
  revoked: new Map(),
  withdrawn: new Set(),
  reuse,
})

const minutesOfCode = 10

export function giveCode(grants: Grants, code: Omit<Code, 'issued' | 'redeemed'>): string {
  const text = `0.${randomBytes(48).toString('base64url')}`
  grants.codes.set(text, { ...code, issued: Date.now(), redeemed: false })
  return text
}

export interface Redeeming {
  readonly clientId: string
  readonly redirectUri: string
  readonly verifier: string | null
}

export function redeemCode(grants: Grants, text: string, redeeming: Redeeming): Consent {
  const code = grants.codes.get(text)
  if (code === undefined || code.consent.clientId !== redeeming.clientId) throw new EntraError(70000, 'code')
  if (code.redeemed) throw new EntraError(54005)
  if (Date.now() - code.issued > minutesOfCode * 60_000) throw new EntraError(70008)
  if (code.redirectUri !== redeeming.redirectUri) throw new EntraError(500112, redeeming.redirectUri, code.redirectUri)
  if (!proves(code.challenge, redeeming.verifier)) throw new EntraError(501481)
  code.redeemed = true
  return code.consent
}

function proves(challenge: Code['challenge'], verifier: string | null): boolean {
  if (challenge === undefined) return verifier === null
  if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier)) return false
  const proof = challenge.method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier
  return proof === challenge.value
}

export function giveRefresh(grants: Grants, consent: Consent): string {
  const text = `1.${randomBytes(64).toString('base64url')}`
  grants.refreshes.set(text, { consent, issued: Date.now(), replaced: undefined, expired: false })
  return text
}

/** Takes a refresh token in, which counts as replaced from now on. */
export function redeemRefresh(grants: Grants, text: string, clientId: string): Consent {
  const refresh = grants.refreshes.get(text)
  if (refresh === undefined || refresh.consent.clientId !== clientId) throw new EntraError(70000, 'refresh_token')
  const { consent, issued, replaced, expired } = refresh
  const revoked = grants.revoked.get(consent.user)
  if (revoked !== undefined && issued <= revoked)
    throw new EntraError(50173, new Date(issued).toISOString(), new Date(revoked).toISOString())
  if (grants.withdrawn.has(clientId)) throw new EntraError(65001, clientId)
  if (expired) throw new EntraError(70008)
  if (replaced !== undefined && Date.now() - replaced >= grants.reuse) throw new EntraError(70000, 'refresh_token')
  refresh.replaced ??= Date.now()
  return consent
}
