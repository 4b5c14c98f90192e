import {
  type Classification,
  type Classify,
  codeOfStatus,
  type ErrorCode,
  parseRetryAfter,
  StorageError,
} from '@filegate/core'
import type { PipelineResponse } from '@azure/core-rest-pipeline'
import { classifyLogin } from '../credentials/errors.ts'

const wrongKey =
  'Azure did not accept the login. Check account and key, or whether the signature of sas_url has expired, and the clock.'
const noLogin = 'Azure wants a login for this. Give a key, a sas_url or another login.'
const notPermitted =
  'The login is good, but it has no right to this. Give it a role such as Storage Blob Data Contributor.'
const blocked = 'Azure refuses requests from here: a firewall of the account, or a right that the signature lacks.'
const archived =
  'The blob lies in the archive tier. Have it rehydrated first, or set archive_tier_delete to write it anew.'
const snapshots = 'The blob has snapshots. Set delete_snapshots to include to delete them with it.'
const wrongName =
  'Azure does not allow this name. Containers have 3 to 63 lower-case letters, digits and single dashes.'
const damaged = 'The bytes were damaged on their way.'
const anotherUpload = 'Another upload to the same blob came in between. Try again.'

/** https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes, and the common ones. */
const codes: Readonly<Record<string, ErrorCode | Classification>> = {
  AuthenticationFailed: { code: 'Unauthenticated', message: wrongKey },
  InvalidAuthenticationInfo: { code: 'Unauthenticated', message: wrongKey },
  NoAuthenticationInformation: { code: 'Unauthenticated', message: noLogin },
  KeyBasedAuthenticationNotPermitted: {
    code: 'Unauthenticated',
    message: 'The account forbids logins by key. Log in as an application or an identity.',
  },
  AccountIsDisabled: { code: 'AccessDenied', message: 'The storage account is disabled.' },
  AuthorizationPermissionMismatch: { code: 'AccessDenied', message: notPermitted },
  AuthorizationResourceTypeMismatch: { code: 'AccessDenied', message: notPermitted },
  InsufficientAccountPermissions: { code: 'AccessDenied', message: notPermitted },
  AuthorizationServiceMismatch: {
    code: 'Unauthenticated',
    message: 'The signature of sas_url is not for Azure Blob Storage.',
  },
  AuthorizationProtocolMismatch: { code: 'Unauthenticated', message: 'The signature of sas_url is for https only.' },
  AuthorizationSourceIPMismatch: {
    code: 'Unauthenticated',
    message: 'The signature of sas_url is for other addresses.',
  },
  AuthorizationFailure: { code: 'AccessDenied', message: blocked },
  PublicAccessNotPermitted: {
    code: 'AccessDenied',
    message: 'The account allows no public containers. Leave public_access empty.',
  },
  AccountRequiresHttps: { code: 'InvalidArgument', message: 'The account wants https. Check endpoint.' },
  ResourceNotFound: 'NotFound',
  ContainerNotFound: 'NotFound',
  BlobNotFound: 'NotFound',
  ParentNotFound: 'NotFound',
  InvalidResourceName: { code: 'NotFound', message: wrongName },
  OutOfRangeInput: { code: 'NotFound', message: wrongName },
  InvalidUri: 'InvalidPath',
  ContainerAlreadyExists: 'AlreadyExists',
  BlobAlreadyExists: 'PreconditionFailed',
  ContainerBeingDeleted: {
    code: 'Conflict',
    message: 'Azure is still deleting a container of this name, which takes half a minute or more. Try again later.',
  },
  ContainerDisabled: { code: 'AccessDenied', message: 'The container is disabled.' },
  BlobArchived: { code: 'Conflict', message: archived },
  BlobBeingRehydrated: { code: 'Conflict', message: 'The blob is on its way out of the archive. Try again later.' },
  BlobImmutableDueToPolicy: { code: 'AccessDenied', message: 'A policy of the container keeps the blob as it is.' },
  SnapshotsPresent: { code: 'Conflict', message: snapshots },
  LeaseIdMissing: { code: 'Conflict', message: 'Somebody has a lease on it, and nobody else may change it meanwhile.' },
  LeaseAlreadyPresent: { code: 'Conflict', message: 'Somebody has a lease on it.' },
  PendingCopyOperation: { code: 'Conflict', message: 'A copy to this blob is still under way.' },
  InvalidBlobType: { code: 'Conflict', message: 'There is a blob of another type, and it has to be deleted first.' },
  InvalidBlockList: { code: 'Conflict', message: anotherUpload },
  InvalidBlobOrBlock: { code: 'Conflict', message: anotherUpload },
  BlockCountExceedsLimit: { code: 'TooLarge', message: 'The blob would have too many blocks. Raise chunk_size.' },
  AccessTierNotSupportedForBlobType: {
    code: 'InvalidArgument',
    message: 'The account has no such tier. Check access_tier.',
  },
  InvalidBlobTier: { code: 'InvalidArgument', message: 'The account has no such tier. Check access_tier.' },
  FeatureNotSupportedForAccount: { code: 'Unsupported' },
  ConditionNotMet: 'PreconditionFailed',
  TargetConditionNotMet: 'PreconditionFailed',
  SourceConditionNotMet: 'PreconditionFailed',
  InvalidRange: 'RangeNotSatisfiable',
  RequestBodyTooLarge: 'TooLarge',
  Md5Mismatch: { code: 'Unavailable', message: damaged },
  Crc64Mismatch: { code: 'Unavailable', message: damaged },
  ServerBusy: 'Throttled',
  InternalError: 'Unavailable',
  OperationTimedOut: 'TimedOut',
}

const notBlob = 'The endpoint does not answer as Azure Blob Storage does. Check endpoint.'
const brokenOff = 'The answer of the service broke off, or is not one of Azure. Check endpoint if it stays so.'

/** What an error of the vendor's library means. What the tables do not know goes by its HTTP status. */
export const classify: Classify = (error) => {
  const status = statusOf(error)
  if (status === 304) return 'NotModified'
  const name = nameOf(error)
  const known = name !== undefined && Object.hasOwn(codes, name) ? codes[name] : undefined
  if (known !== undefined) {
    return { retryAfter: retryAfterOf(error), ...(typeof known === 'string' ? { code: known } : known) }
  }
  if (status !== undefined && status >= 300 && status < 400) return { code: 'InvalidArgument', message: notBlob }
  const login = classifyLogin(error)
  if (login) return login
  const message = memberOf(error, 'message')
  const said = typeof message === 'string' ? classifyText(message, error) : undefined
  return said ?? classifyStatus(error)
}

/** The general rules do not know where this library keeps headers. */
function classifyStatus(error: unknown): Classification | undefined {
  const code = codeOfStatus(statusOf(error) ?? 0)
  const retryAfter = retryAfterOf(error)
  return code && retryAfter !== undefined ? { code, retryAfter } : undefined
}

/** Errors that the library makes itself have neither a code nor a status. */
function classifyText(message: string, error: unknown): Classification | undefined {
  if (/received less data than required/.test(message)) return { code: 'Unavailable', message: brokenOff }
  if (/received more data than original/i.test(message)) return { code: 'Unexpected', message: notBlob }
  // XML that ends before it should, as it does where the end of the connection counts as the end of the answer.
  if (memberOf(error, 'code') === 'PARSE_ERROR') return { code: 'Unavailable', message: brokenOff }
  if (/valid (?:content length|etag) header/.test(message)) return { code: 'Unexpected', message: notBlob }
  return undefined
}

/** An answer without a word in it is none, and must not be taken for an empty listing. */
export const emptyAnswer = (): StorageError => new StorageError('Unavailable', brokenOff)

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

/** A refusal, with the name that the service has for it in a header or in the body, as the library makes one. */
export function refusalOf(answer: PipelineResponse): Error {
  const { status, headers, bodyAsText } = answer
  const code = headers.get('x-ms-error-code') ?? /<Code>(\w+)<\/Code>/.exec(bodyAsText ?? '')?.[1]
  return Object.assign(new Error(`The service answered ${status}.`), { code, statusCode: status, response: answer })
}

/** The service's name for what went wrong; HEAD answers have it in a header. */
export function nameOf(error: unknown): string | undefined {
  const names = [memberOf(error, 'code'), memberOf(memberOf(error, 'details'), 'errorCode')]
  return names.find((name): name is string => typeof name === 'string' && Object.hasOwn(codes, name))
}

export function statusOf(error: unknown): number | undefined {
  const status = memberOf(error, 'statusCode')
  return typeof status === 'number' ? status : undefined
}

/** Seconds. */
function retryAfterOf(error: unknown): number | undefined {
  const headers = memberOf(memberOf(error, 'response'), 'headers')
  const get = memberOf(headers, 'get')
  const text: unknown = typeof get === 'function' ? Reflect.apply(get, headers, ['retry-after']) : undefined
  return typeof text === 'string' ? parseRetryAfter(text) : undefined
}

/** Whether an answer says that a blob is not there. */
export const isMissing = (error: unknown): boolean => statusOf(error) === 404
