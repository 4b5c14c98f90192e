import { randomBytes, timingSafeEqual } from 'node:crypto'
import { StorageError } from '@filegate/core'
import { authorizePage, exchangeCode, proofKey } from '@filegate/core/oauth'
import { authorizePath } from '../backends/backend-errors.ts'
import { type BackendRow, foundRow } from '../backends/backend-store.ts'
import { rotateRow, type Workshop } from '../backends/changes.ts'
import { httpErrors } from '../errors.ts'
import { httpNameOf, problem } from '../http/problem.ts'
import type { AddressRules } from '../outbound/address-rules.ts'
import { createOutbound } from '../outbound/outbound.ts'
import {
  authorizationLasts,
  type AuthorizationStore,
  digestOf,
  type PendingAuthorization,
} from './authorization-store.ts'
import { refusalText } from './refusal-text.ts'
import { newUserFlow } from './user-flow.ts'

export interface AuthorizationParts {
  readonly shop: Workshop
  readonly rules: AddressRules
  readonly pending: AuthorizationStore
}

export interface AuthorizationRequest {
  readonly user: string | null
  /** Where the vendor sends the user back to. */
  readonly redirectUri: string
}

/** Where a user is sent, before anything is begun. */
export interface Destination {
  readonly title: string
  readonly host: string
  /** Whether whoever connected the backend chose it, and not the vendor. */
  readonly isChosen: boolean
}

export interface StartedAuthorization {
  /** Of the vendor, where a user allows access. */
  readonly url: string
  /** What the browser shows when it comes back: by it, it is known to be the same. */
  readonly cookie: { readonly name: string; readonly value: string }
  /** Milliseconds. */
  readonly lasts: number
}

/** What a user comes back with. */
export interface Arrival {
  readonly state: string
  readonly code: string | undefined
  /** What the vendor says in place of a code. */
  readonly error: string | undefined
  /** Who says that it answers: RFC 9207. */
  readonly issuer: string | undefined
  readonly user: string | null
  /** The cookie of that name. */
  readonly cookie: (name: string) => string | undefined
  readonly signal: AbortSignal
}

/** One cookie for each time, so that two at a time do not disturb each other. */
export const cookieName = (state: string): string => `filegate-authorize-${digestOf(state).slice(0, 16)}`

/** @throws StorageError when nobody has to be sent anywhere */
export async function destinationOf({ shop }: AuthorizationParts, id: string): Promise<Destination> {
  const row = await foundRow(shop.store, id)
  const { page, isChosen } = await flowOf(shop, row)
  const { title } = await shop.registry.load(row.provider)
  return { title, host: new URL(page).host, isChosen }
}

export async function startAuthorization(
  { shop, pending }: AuthorizationParts,
  id: string,
  { user, redirectUri }: AuthorizationRequest,
): Promise<StartedAuthorization> {
  const row = await foundRow(shop.store, id)
  const flow = await flowOf(shop, row)
  const state = randomBytes(32).toString('base64url')
  const secret = randomBytes(32).toString('base64url')
  const { verifier, challenge } = proofKey()
  await pending.put(state, {
    backend: id,
    verifier,
    redirectUri,
    browser: digestOf(secret),
    user,
    clientId: flow.client.id,
    tokenUrl: flow.client.tokenUrl,
    issuer: flow.isChosen ? new URL(flow.page).origin : null,
  })
  const { page: url, scopes, parameters } = flow
  const page = { url, clientId: flow.client.id, scopes, redirectUri, state, challenge, parameters }
  return { url: authorizePage(page), cookie: { name: cookieName(state), value: secret }, lasts: authorizationLasts }
}

/** Gives the row as it is then. */
export async function finishAuthorization(parts: AuthorizationParts, arrival: Arrival): Promise<BackendRow> {
  const pending = await parts.pending.take(arrival.state)
  if (!pending) {
    const message = 'This log-in at the vendor was begun too long ago, or has ended already. Begin it anew.'
    throw problem('InvalidArgument', { code: 'AUTHORIZATION_EXPIRED' }, message)
  }
  try {
    checkBrowser(pending, arrival)
    checkIssuer(pending, arrival)
    const code = codeOf(arrival)
    // What is changed from here on, by whomever, may be the client that the token is for.
    const row = await foundRow(parts.shop.store, pending.backend)
    const token = await tokenFor(parts, row, pending, code)
    await rotateRow(parts.shop, row, { token }, arrival.signal)
  } catch (error) {
    throw StorageError.is(error) && error.code !== 'NotFound' ? beginAnew(error, pending.backend) : error
  }
  return foundRow(parts.shop.store, pending.backend)
}

function codeOf({ code, error = '' }: Arrival): string {
  if (code !== undefined) return code
  const message = `Access was not allowed; the vendor says: ${refusalText(error)}. Nothing has changed.`
  throw problem('AccessDenied', { code: 'AUTHORIZATION_DENIED' }, message)
}

/** The same error, with where it can be tried again. */
function beginAnew(error: StorageError, id: string): StorageError {
  const { status = httpErrors[error.code][0], code = httpErrors[error.code][1] } = httpNameOf(error) ?? {}
  const { message, fate, retryAfter, cause } = error
  const links = { authorize_url: authorizePath(id) }
  return problem(error.code, { status, code, links }, message, { fate, retryAfter, cause })
}

/** A stranger who sends a user here with a code of their own would have the user read, and fill, the stranger's storage. */
function checkBrowser({ browser, user }: PendingAuthorization, arrival: Arrival): void {
  const shown = digestOf(arrival.cookie(cookieName(arrival.state)) ?? '')
  if (timingSafeEqual(Buffer.from(shown), Buffer.from(browser)) && user === arrival.user) return
  const message = 'Access has to be allowed in the browser, and by the account, that began it. Begin it anew here.'
  throw problem('AccessDenied', { code: 'FOREIGN_AUTHORIZATION' }, message)
}

/**
 * A page that somebody chose can send the user on to a vendor, whose code would then be handed to an address of theirs: RFC 9700,
 * section 4.4. Vendors that say who they are end that.
 */
function checkIssuer({ issuer }: PendingAuthorization, arrival: Arrival): void {
  if (issuer === null || arrival.issuer === undefined || URL.parse(arrival.issuer)?.origin === issuer) return
  const message = `The answer does not come from ${issuer}, where this began. Nothing has changed.`
  throw problem('AccessDenied', { code: 'FOREIGN_AUTHORIZATION' }, message)
}

async function tokenFor(
  { shop, rules }: AuthorizationParts,
  row: BackendRow,
  { clientId, tokenUrl, redirectUri, verifier }: PendingAuthorization,
  code: string,
): Promise<string> {
  const { client } = await flowOf(shop, row)
  if (client.id !== clientId || client.tokenUrl !== tokenUrl) {
    const message = `The OAuth client of the backend ${row.id} was changed meanwhile. Begin anew.`
    throw problem('Conflict', { code: 'CONFLICT' }, message)
  }
  const outbound = createOutbound(rules)
  try {
    return await exchangeCode({ client, code, redirectUri, verifier }, outbound.fetch)
  } catch (error) {
    const message = `The vendor gave no token for the code: ${refusalText(error)}. Begin anew.`
    throw problem('Unavailable', { status: 502, code: 'AUTHORIZATION_FAILED' }, message, {
      // The request that failed holds secrets.
      cause: StorageError.is(error) ? error : undefined,
    })
  } finally {
    await outbound.close()
  }
}

async function flowOf({ store, registry, clients }: Workshop, row: BackendRow) {
  return newUserFlow(await registry.load(row.provider), store.optionsOf(row), clients)
}
