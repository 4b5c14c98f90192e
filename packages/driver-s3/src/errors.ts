import { type Classification, type Classify, type ErrorCode, parseRetryAfter, StorageError } from '@filegate/core'

const wrongRegion =
  'The service wants another region, or the bucket is elsewhere. Set region to that of the bucket, and endpoint to fit.'
const wrongKey = 'The vendor does not know this access key. Check access_key_id and the endpoint.'
const wrongSecret = 'The signature does not match. Check secret_access_key, and region where the vendor has several.'
const wrongToken = 'The temporary key is expired or incomplete. Give a new key with its session_token.'
const wrongClock = 'The clocks of this machine and of the vendor are too far apart.'
const archived = 'The object lies in an archive. Have the vendor restore it first.'
const notS3 = 'The endpoint does not answer as S3 does. Check endpoint.'
const elsewhere = 'The endpoint sends requests elsewhere, where they are not followed. Check endpoint.'
const brokenOff = 'The answer of the vendor broke off, or is not one of S3. Check endpoint if it stays so.'

/** The names of S3's errors: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and of its relatives. */
const codes: Readonly<Record<string, ErrorCode | Classification>> = {
  NoSuchKey: 'NotFound',
  NoSuchBucket: 'NotFound',
  NoSuchVersion: 'NotFound',
  NotFound: 'NotFound',
  NoSuchUpload: 'Conflict',
  InvalidBucketName: 'NotFound',
  KeyTooLongError: 'InvalidPath',
  KeyTooLong: 'InvalidPath',
  InvalidURI: 'InvalidPath',
  XMinioInvalidObjectName: 'InvalidPath',
  AccessDenied: 'AccessDenied',
  AllAccessDisabled: 'AccessDenied',
  AccountProblem: 'AccessDenied',
  UserSuspended: 'AccessDenied',
  InvalidObjectState: { code: 'AccessDenied', message: archived },
  InvalidAccessKeyId: { code: 'Unauthenticated', message: wrongKey },
  InvalidAccessKey: { code: 'Unauthenticated', message: wrongKey },
  SignatureDoesNotMatch: { code: 'Unauthenticated', message: wrongSecret },
  AuthorizationHeaderMalformed: { code: 'InvalidArgument', message: wrongRegion },
  AuthorizationQueryParametersError: { code: 'InvalidArgument', message: wrongRegion },
  PermanentRedirect: { code: 'InvalidArgument', message: wrongRegion },
  TemporaryRedirect: { code: 'Unavailable' },
  IllegalLocationConstraintException: { code: 'InvalidArgument', message: wrongRegion },
  InvalidLocationConstraint: {
    code: 'InvalidArgument',
    message: 'The vendor cannot make buckets there. Check location_constraint.',
  },
  ExpiredToken: { code: 'Unauthenticated', message: wrongToken },
  InvalidToken: { code: 'Unauthenticated', message: wrongToken },
  TokenRefreshRequired: { code: 'Unauthenticated', message: wrongToken },
  RequestTimeTooSkewed: { code: 'Unauthenticated', message: wrongClock },
  CredentialsProviderError: {
    code: 'Unauthenticated',
    message: 'The environment holds no key for S3. Check profile and shared_credentials_file, or give a key.',
  },
  PreconditionFailed: 'PreconditionFailed',
  NotModified: 'NotModified',
  InvalidRange: 'RangeNotSatisfiable',
  EntityTooLarge: 'TooLarge',
  EntityTooSmall: { code: 'InvalidArgument', message: 'A part is smaller than the vendor allows. Raise chunk_size.' },
  QuotaExceeded: 'NoSpace',
  StorageFull: 'NoSpace',
  XMinioStorageFull: 'NoSpace',
  BucketAlreadyExists: 'AlreadyExists',
  BucketAlreadyOwnedByYou: 'AlreadyExists',
  TooManyBuckets: 'NoSpace',
  BucketNotEmpty: 'DirectoryNotEmpty',
  OperationAborted: 'Conflict',
  ConditionalRequestConflict: 'Conflict',
  SlowDown: 'Throttled',
  SlowDownRead: 'Throttled',
  SlowDownWrite: 'Throttled',
  Throttling: 'Throttled',
  ThrottlingException: 'Throttled',
  TooManyRequests: 'Throttled',
  TooManyRequestsException: 'Throttled',
  RequestLimitExceeded: 'Throttled',
  BandwidthLimitExceeded: 'Throttled',
  ServiceUnavailable: 'Unavailable',
  InternalError: 'Unavailable',
  InternalFailure: 'Unavailable',
  RequestTimeout: 'TimedOut',
  BadDigest: { code: 'Unavailable', message: 'The bytes were damaged on their way.' },
  IncompleteBody: { code: 'Unavailable', message: 'The bytes did not all arrive.' },
  XAmzContentSHA256Mismatch: { code: 'Unavailable', message: 'The bytes were damaged on their way.' },
  NotImplemented: 'Unsupported',
  MethodNotAllowed: 'Unsupported',
}

/** HEAD answers have no body, and so no name for what is wrong. */
const statuses: Readonly<Record<number, Classification>> = {
  200: { code: 'Unexpected', message: notS3 },
  301: { code: 'InvalidArgument', message: wrongRegion },
  302: { code: 'InvalidArgument', message: elsewhere },
  303: { code: 'InvalidArgument', message: elsewhere },
  307: { code: 'Unavailable' },
  308: { code: 'InvalidArgument', message: elsewhere },
}

/** What an error of the vendor's library means. What the table does not know goes by its HTTP status. */
export const classify: Classify = (error) => {
  const name = nameOf(error)
  const known = name !== undefined && Object.hasOwn(codes, name) ? codes[name] : undefined
  if (known !== undefined)
    return { retryAfter: retryAfterOf(error), ...(typeof known === 'string' ? { code: known } : known) }
  if (isBrokenOff(error)) return { code: 'Unavailable', message: brokenOff }
  const status = statusOf(error)
  return status === undefined ? undefined : statuses[status]
}

/** XML that ends before it should, as it does where the end of the connection counts as the end of the answer. */
const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error && /XML parse error: (?:unexpected end|missing closing|expected|unclosed)/.test(error.message)

/** An answer without a word in it is none, and must not be taken for an empty listing. */
export const emptyAnswer = (): StorageError => new StorageError('Unavailable', brokenOff)

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

/** Services that the library does not know well leave the name in `Code`. */
export function nameOf(error: unknown): string | undefined {
  const names = [member(error, 'name'), member(error, 'Code')]
  return names.filter((name) => typeof name === 'string').find((name) => Object.hasOwn(codes, name))
}

export function statusOf(error: unknown): number | undefined {
  const status = member(member(error, '$metadata'), 'httpStatusCode')
  return typeof status === 'number' ? status : undefined
}

/** Seconds. */
function retryAfterOf(error: unknown): number | undefined {
  const text = member(member(member(error, '$response'), 'headers'), 'retry-after')
  return typeof text === 'string' ? parseRetryAfter(text) : undefined
}

/** Whether an answer says that an object is not there; one for a deletion that stands in its place is a 405. */
export function isMissing(error: unknown): boolean {
  const status = statusOf(error)
  return status === 404 || status === 405 || member(error, 'name') === 'NoSuchKey'
}

/** Whether the answer came but could not be read, as XML cannot hold every character. */
export const isUnreadable = (error: unknown): boolean => {
  const status = statusOf(error)
  return (
    error instanceof Error &&
    nameOf(error) === undefined &&
    (status === undefined || status === 200) &&
    /deserializ|parse|entity|xml/i.test(error.message)
  )
}
