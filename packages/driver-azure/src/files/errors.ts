import { type Classification, type Classify, type ErrorCode, parseRetryAfter, StorageError } from '@filegate/core'
import { classifyLogin } from '../credentials/errors.ts'

const wrongLogin =
  'Azure did not accept the login. Check account and key; a signature may have expired, a clock may be wrong.'
const notPermitted =
  'The login is good, but has no right to do this. Check the roles of the identity, or what the signature permits.'
const wrongToken =
  'Azure did not accept the token of the login. Check the tenant, and that the account takes such logins.'
const inUse = 'A program that has the file open over SMB does not permit it.'
const brokenOff = 'The answer of Azure Files broke off, or is not one of it. Check endpoint if it stays so.'
const notFiles = 'The endpoint does not answer as Azure Files does. Check endpoint and account.'
const noHost = 'There is no storage account of that name: its host does not exist. Check account and endpoint.'
const noShare = 'The share does not exist. Check share_name and account.'
const damaged = 'The bytes were damaged on their way.'

/**
 * The names of errors: https://learn.microsoft.com/rest/api/storageservices/file-service-error-codes and
 * https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 */
const codes: Readonly<Record<string, ErrorCode | Classification>> = {
  ResourceNotFound: 'NotFound',
  ParentNotFound: 'NotFound',
  ShareNotFound: { code: 'NotFound', message: noShare },
  ResourceAlreadyExists: 'AlreadyExists',
  ResourceTypeMismatch: 'Conflict',
  DirectoryNotEmpty: 'DirectoryNotEmpty',
  InvalidResourceName: 'InvalidPath',
  InvalidFileOrDirectoryPathName: 'InvalidPath',
  InvalidUri: 'InvalidPath',
  OutOfRangeInput: 'InvalidArgument',
  AuthenticationFailed: { code: 'Unauthenticated', message: wrongLogin },
  InvalidAuthenticationInfo: { code: 'Unauthenticated', message: wrongToken },
  NoAuthenticationInformation: {
    code: 'Unauthenticated',
    message: 'The account lets nobody in without a login. Give a key, a signature or another login.',
  },
  AuthorizationFailure: {
    code: 'AccessDenied',
    message:
      'The account does not permit it. Its firewall may not let this address in, or the login has no right to it.',
  },
  AuthorizationPermissionMismatch: { code: 'AccessDenied', message: notPermitted },
  AuthorizationResourceTypeMismatch: { code: 'AccessDenied', message: notPermitted },
  AuthorizationServiceMismatch: {
    code: 'AccessDenied',
    message: 'The signature is not for Azure Files. Make one for the file service.',
  },
  AuthorizationProtocolMismatch: { code: 'AccessDenied', message: 'The signature is for https: only.' },
  AuthorizationSourceIPMismatch: {
    code: 'AccessDenied',
    message: 'The signature is for other addresses than that of this machine.',
  },
  InsufficientAccountPermissions: { code: 'AccessDenied', message: notPermitted },
  KeyBasedAuthenticationNotPermitted: {
    code: 'AccessDenied',
    message: 'The account lets nobody in by key. Log in with an identity of Entra instead.',
  },
  AccountIsDisabled: { code: 'AccessDenied', message: 'The storage account is disabled.' },
  ShareDisabled: { code: 'AccessDenied', message: 'The share is disabled by its administrator.' },
  ReadOnlyAttribute: {
    code: 'AccessDenied',
    message: 'The file is marked as read-only, and cannot be changed until that is taken off.',
  },
  ShareSnapshotOperationNotSupported: { code: 'Unsupported', message: 'A snapshot of a share cannot be changed.' },
  CannotDeleteFileOrDirectory: { code: 'Conflict', message: inUse },
  DeletePending: { code: 'Conflict', message: inUse },
  FileLockConflict: { code: 'Conflict', message: inUse },
  SharingViolation: { code: 'Conflict', message: inUse },
  LeaseIdMissing: { code: 'Conflict', message: 'Somebody holds a lease on the file.' },
  PendingCopyOperation: { code: 'Conflict', message: 'The file is being copied onto.' },
  ShareBeingDeleted: { code: 'Conflict', message: 'The share is being deleted.' },
  ClientCacheFlushDelay: 'Unavailable',
  ShareSizeLimitReached: { code: 'NoSpace', message: 'The share is full: its quota is used up.' },
  RequestBodyTooLarge: 'TooLarge',
  InvalidRange: 'RangeNotSatisfiable',
  ConditionNotMet: 'PreconditionFailed',
  Md5Mismatch: { code: 'Unavailable', message: damaged },
  ServerBusy: 'Throttled',
  TooManyRequests: 'Throttled',
  InternalError: 'Unavailable',
  OperationTimedOut: 'TimedOut',
  CannotVerifyCopySource: 'AccessDenied',
  FeatureVersionMismatch: 'Unsupported',
  // Of the library.
  REQUEST_SEND_ERROR: 'Unavailable',
  PARSE_ERROR: { code: 'Unavailable', message: brokenOff },
  ENOTFOUND: { code: 'Unavailable', fate: 'permanent', message: noHost },
}

/** What an error of the vendor's library means. What the tables do not know goes by its HTTP status. */
export const classify: Classify = (error) => {
  const code = codeOf(error)
  const known = code !== undefined && Object.hasOwn(codes, code) ? codes[code] : undefined
  if (known !== undefined) {
    return { retryAfter: retryAfterOf(error), ...(typeof known === 'string' ? { code: known } : known) }
  }
  const status = statusOf(error)
  if (status !== undefined && status >= 300 && status < 400) return { code: 'InvalidArgument', message: notFiles }
  const login = classifyLogin(error)
  if (login) return login
  // The library says only so of a body that ends too soon.
  if (error instanceof Error && error.message.startsWith('Data corruption failure: ')) {
    return { code: 'Unavailable', message: brokenOff }
  }
  return undefined
}

export const brokenAnswer = (cause?: unknown): StorageError => new StorageError('Unavailable', brokenOff, { cause })

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

/** What the service calls an error; of network errors, their code. */
export function codeOf(error: unknown): string | undefined {
  const code = member(error, 'code')
  return typeof code === 'string' && code !== '' ? code : undefined
}

export function statusOf(error: unknown): number | undefined {
  const status = member(error, 'statusCode')
  return typeof status === 'number' ? status : undefined
}

/** Seconds. */
function retryAfterOf(error: unknown): number | undefined {
  const headers = member(member(error, 'response'), 'headers')
  const get = member(headers, 'get')
  const text: unknown = typeof get === 'function' ? Reflect.apply(get, headers, ['retry-after']) : undefined
  return typeof text === 'string' ? parseRetryAfter(text) : undefined
}

const absent: ReadonlySet<string> = new Set(['ResourceNotFound', 'ParentNotFound', 'ResourceTypeMismatch'])

/** Whether nothing of the kind that was asked for stands there. Without its share, nothing can be said about a path. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code === undefined ? statusOf(error) === 404 : absent.has(code)
}

/** Whether something, of whatever kind, stands where a new thing should. */
export const isTaken = (error: unknown): boolean =>
  codeOf(error) === 'ResourceAlreadyExists' || codeOf(error) === 'ResourceTypeMismatch'

export const isWithoutParent = (error: unknown): boolean => codeOf(error) === 'ParentNotFound'
