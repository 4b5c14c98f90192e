import { ApiError, type ErrorPlace } from '../gcs/api-error.ts'

/** What newer answers of Google say besides the envelope of the older ones. */
export interface ErrorMore {
  /** A code of google.rpc, such as `UNAUTHENTICATED`. */
  readonly status?: string
  readonly details?: readonly unknown[]
  /** Message of the whole, where it is not the one of the single error. */
  readonly message?: string
}

/** An answer of Drive that is no success (developers.google.com/workspace/drive/api/guides/handle-errors). */
export class DriveError extends ApiError {
  readonly more: ErrorMore

  constructor(status: number, reason: string, message: string, place: ErrorPlace = {}, more: ErrorMore = {}) {
    super(status, reason, message, place)
    this.more = more
  }

  override envelope(): unknown {
    const { domain = 'global', locationType, location } = this.place
    const { status, details, message = this.message } = this.more
    const error = { message: this.message, domain, reason: this.reason, location, locationType }
    return { error: { code: this.status, message, errors: [error], status, details } }
  }
}

const parameter = (location: string): ErrorPlace => ({ locationType: 'parameter', location })

export const fileNotFound = (id: string): DriveError =>
  new DriveError(404, 'notFound', `File not found: ${id}.`, parameter('fileId'))

export const driveNotFound = (id: string): DriveError =>
  new DriveError(404, 'notFound', `Shared drive not found: ${id}`, parameter('driveId'))

export const revisionNotFound = (id: string): DriveError =>
  new DriveError(404, 'notFound', `Revision not found: ${id}.`, parameter('revisionId'))

export const permissionNotFound = (id: string): DriveError =>
  new DriveError(404, 'notFound', `Permission not found: ${id}.`, parameter('permissionId'))

export const invalidValue = (name: string, message = 'Invalid Value'): DriveError =>
  new DriveError(400, 'invalid', message, parameter(name))

export const invalidParameter = (name: string, message: string): DriveError =>
  new DriveError(400, 'invalidParameter', message, parameter(name))

export const requiredParameter = (name: string, message = `Required parameter: ${name}`): DriveError =>
  new DriveError(400, 'required', message, parameter(name))

export const badRequest = (message: string): DriveError => new DriveError(400, 'badRequest', message)

export const forbidden = (reason: string, message: string): DriveError => new DriveError(403, reason, message)

export const insufficientFilePermissions = (): DriveError =>
  forbidden('insufficientFilePermissions', 'The user does not have sufficient permissions for this file.')

/** A member that is only shown, or that has another way in. */
export const notWritable = (
  message = 'The resource body includes fields which are not directly writable.',
): DriveError => forbidden('fieldNotWritable', message)

const realm = 'Bearer realm="https://accounts.google.com/"'

export const wrongToken = (): DriveError =>
  new DriveError(
    401,
    'authError',
    'Invalid Credentials',
    {
      locationType: 'header',
      location: 'Authorization',
      headers: { 'www-authenticate': `${realm}, error="invalid_token"` },
    },
    {
      status: 'UNAUTHENTICATED',
      message:
        'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
    },
  )

export const noToken = (): DriveError =>
  new DriveError(
    403,
    'forbidden',
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    {},
    { status: 'PERMISSION_DENIED' },
  )

/** @param scopes any of which would do, as full addresses */
export const missingScope = (scopes: readonly string[], method: string): DriveError =>
  new DriveError(
    403,
    'insufficientPermissions',
    'Insufficient Permission',
    { headers: { 'www-authenticate': `${realm}, error="insufficient_scope", scope="${scopes.join(' ')}"` } },
    {
      status: 'PERMISSION_DENIED',
      message: 'Request had insufficient authentication scopes.',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
          domain: 'googleapis.com',
          metadata: { method, service: 'drive.googleapis.com' },
        },
      ],
    },
  )

/** About the transfer of bytes the service answers in plain text. */
export const uploadError = (status: number, message: string): DriveError =>
  new DriveError(status, 'badRequest', message, { headers: { 'content-type': 'text/plain; charset=utf-8' } })
