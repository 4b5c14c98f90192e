import { type ErrorCode, StorageError } from '@filegate/core'
import { httpNameOf, problem } from '../http/problem.ts'
import type { BackendStatus } from './backend-facts.ts'

export const backendNotFound = (id: string): StorageError =>
  problem('NotFound', { code: 'BACKEND_NOT_FOUND' }, `Backend not found: ${id.slice(0, 80)}`)

/** Nothing was stored. */
export const connectionFailed = (reason: string, cause?: unknown): StorageError =>
  problem('InvalidArgument', { code: 'CONNECTION_FAILED' }, reason, { cause })

/** The old credentials are still in place. */
export const probeFailed = (reason: string): StorageError =>
  problem('Unavailable', { status: 502, code: 'PROBE_FAILED' }, `The new credentials were not stored: ${reason}`)

const credentialsRefused = (id: string, { message }: StorageError): StorageError =>
  problem(
    'AccessDenied',
    { status: 502, code: 'BACKEND_UNAUTHENTICATED' },
    `${message} Give the backend ${id} new credentials.`,
  )

const backendFailed = (id: string, { message, cause }: StorageError): StorageError =>
  problem('Unavailable', { status: 502, code: 'BACKEND_FAILED' }, `The backend ${id} failed: ${message}`, { cause })

/** 429 would tell callers that they ask too much, and it is this server that the vendor means. */
const backendThrottled = (id: string, { message, retryAfter, cause }: StorageError): StorageError =>
  problem('Throttled', { status: 503, code: 'BACKEND_THROTTLED' }, `The backend ${id} is busy: ${message}`, {
    retryAfter,
    cause,
  })

/**
 * An error of a backend in use, as callers see it. The vendor's refusal of our credentials is no refusal of theirs, who must
 * not be asked to log in for it; and a failure there is none of this server.
 */
export function errorInUse(id: string, error: StorageError): StorageError {
  return inUse[error.code]?.(id, error) ?? error
}

const inUse: Partial<Record<ErrorCode, (id: string, error: StorageError) => StorageError>> = {
  Unauthenticated: credentialsRefused,
  Throttled: backendThrottled,
  Unexpected: backendFailed,
}

const passing: ReadonlySet<ErrorCode> = new Set(['TimedOut', 'Unavailable', 'Aborted'])

/** Why a stored backend cannot be connected, which is never the fault of the request that needed it. */
export function errorAtOpening(id: string, error: StorageError): StorageError {
  return passing.has(error.code) || isWaitingForUser(error) ? error : (inUse[error.code] ?? backendFailed)(id, error)
}

export const changedMeanwhile = (id: string): StorageError =>
  problem('Conflict', { code: 'CONFLICT' }, `The backend ${id} was changed by somebody else meanwhile. Try again.`)

export const sealedWithAnotherKey = (id: string, reason: string): StorageError =>
  problem('Unavailable', { code: 'SECRETS_SEALED' }, `The backend ${id} cannot be opened. ${reason}`, {
    fate: 'permanent',
  })

/** Where a user is sent to the vendor, below where everything is served. */
export const authorizePath = (id: string): string => `/api/v1/backends/${encodeURIComponent(id)}/authorize`

const waiting = {
  pending: {
    code: 'AUTHORIZATION_PENDING',
    text: (id: string) =>
      `Nobody has allowed the backend ${id} access yet. Open its authorize_url in a browser to do so`,
  },
  reauthorize: {
    code: 'REAUTHORIZE',
    text: (id: string) =>
      `The backend ${id} is no longer allowed access: it was taken back, or has expired. Open its authorize_url in a browser to allow it anew`,
  },
} as const

/** Only a user can help, by allowing access at the vendor. */
export function waitsForUser(id: string, status: Exclude<BackendStatus, 'connected'>): StorageError {
  const { code, text } = waiting[status]
  const links = { authorize_url: authorizePath(id) }
  return problem('Conflict', { code, links }, `${text(id)} (GET ${links.authorize_url}), or give it a token.`)
}

export const isWaitingForUser = (error: unknown): boolean =>
  StorageError.is(error) && httpNameOf(error)?.links?.['authorize_url'] !== undefined
