import type { Classification, Classify, ErrorCode } from '@filegate/core'
import { loginMeaning, member, type Refusals, retryAfterOf, statusOf, textIn } from '@filegate/google-login'

const wrongToken = 'Google did not accept the access token. Give a new one, or credentials that can be renewed.'
const needsLogin = 'Nobody may do this without a login. Give credentials instead of anonymous.'
const narrowScope = 'The token does not cover this. It needs the scope devstorage.read_write.'
const elsewhere = 'The endpoint sends requests elsewhere, where they are not followed. Check endpoint.'
/** For what answers, but not as the service does. */
export const notGcs = 'The endpoint does not answer as Google Cloud Storage does. Check endpoint.'
const readerPays = 'The bucket makes the reader pay. Set user_project to the project that pays.'
const uniform = 'The bucket has uniform access, which knows no access lists of objects. Set bucket_policy_only.'

type Meaning = ErrorCode | Classification

/** The vendor's words for what is wrong: https://cloud.google.com/storage/docs/json_api/v1/status-codes. */
const reasons: Readonly<Record<string, Meaning>> = {
  authError: { code: 'Unauthenticated', message: wrongToken },
  insufficientPermissions: { code: 'AccessDenied', message: narrowScope },
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: { code: 'AccessDenied', message: narrowScope },
  accountDisabled: { code: 'AccessDenied', message: 'The Google account is disabled.' },
  sslRequired: { code: 'InvalidArgument', message: 'The service wants https. Check endpoint.' },
  rateLimitExceeded: 'Throttled',
  userRateLimitExceeded: 'Throttled',
  usageLimits: 'Throttled',
  quotaExceeded: 'Throttled',
  dailyLimitExceeded: 'Throttled',
  conditionNotMet: 'PreconditionFailed',
  requestedRangeNotSatisfiable: 'RangeNotSatisfiable',
  uploadTooLarge: 'TooLarge',
  backendError: 'Unavailable',
  internalError: 'Unavailable',
  backendNotConnected: 'Unavailable',
  userProjectAccessDenied: { code: 'AccessDenied', message: 'The login may not let the project of user_project pay.' },
  userProjectMissing: { code: 'InvalidArgument', message: readerPays },
  userProjectInconsistent: { code: 'InvalidArgument', message: 'The service wants another user_project.' },
  retentionPolicyNotMet: { code: 'AccessDenied', message: 'The retention policy of the bucket does not allow it yet.' },
  objectUnderActiveHold: {
    code: 'AccessDenied',
    message: 'The object is on hold, so it can be neither changed nor removed.',
  },
}

/** What only the vendor's sentence tells; the words are those of its error messages. */
const sentences: readonly (readonly [status: number, said: RegExp, meaning: Classification])[] = [
  [400, /requester[ -]pays/i, { code: 'InvalidArgument', message: readerPays }],
  [400, /uniform bucket-level access/i, { code: 'InvalidArgument', message: uniform }],
  [
    400,
    /location constraint|location.*not valid/i,
    { code: 'InvalidArgument', message: 'There are no buckets in that place. Check location.' },
  ],
  [400, /storage class/i, { code: 'InvalidArgument', message: 'There is no such storage class. Check storage_class.' }],
  [
    400,
    /predefinedAcl/i,
    { code: 'InvalidArgument', message: 'There is no such access list. Check object_acl and bucket_acl.' },
  ],
  [
    400,
    /(?:invalid|unknown|required).*project|project.*(?:invalid|unknown|not found)/i,
    { code: 'InvalidArgument', message: 'The service does not know this project. Check project_number.' },
  ],
  [400, /object name|name.*object/i, { code: 'InvalidPath' }],
  [400, /(?:MD5|CRC32C).*(?:match|hash)/i, { code: 'Unavailable', message: 'The bytes were damaged on their way.' }],
  [401, /anonymous|login required/i, { code: 'Unauthenticated', message: needsLogin }],
  [403, /billing/i, { code: 'AccessDenied', message: 'Billing is off for the project of the bucket.' }],
  [409, /not empty/i, { code: 'DirectoryNotEmpty' }],
  [409, /bucket/i, { code: 'AlreadyExists', message: 'Somebody has a bucket of that name already.' }],
]

/** What a status means where that differs from the general rules. */
const statuses: Readonly<Record<number, Classification>> = {
  301: { code: 'InvalidArgument', message: elsewhere },
  302: { code: 'InvalidArgument', message: elsewhere },
  303: { code: 'InvalidArgument', message: elsewhere },
  307: { code: 'InvalidArgument', message: elsewhere },
  308: { code: 'InvalidArgument', message: elsewhere },
  401: { code: 'Unauthenticated', message: wrongToken },
  499: { code: 'Unavailable' },
}

/** What token endpoints refuse. */
const refusals: Refusals = {
  invalid_grant: {
    code: 'Unauthenticated',
    message:
      'Google does not accept these credentials: the token was revoked, or the key of the service account was removed.',
  },
  unauthorized_client: {
    code: 'Unauthenticated',
    message: 'This OAuth client may not ask for such tokens. Check client_id.',
  },
  invalid_scope: { code: 'Unauthenticated', message: 'These credentials may not use Cloud Storage.' },
}

/** What an error of the vendor means. What the tables do not know goes by its HTTP status. */
export const classify: Classify = (error) => {
  const login = loginMeaning(error, refusals)
  if (login) return login
  const status = statusOf(error)
  if (status === undefined) return isStrange(error) ? { code: 'InvalidArgument', message: notGcs } : undefined
  const found = meaningOf(error, status)
  return found && { retryAfter: retryAfterOf(error), ...(typeof found === 'string' ? { code: found } : found) }
}

function meaningOf(error: unknown, status: number): Meaning | undefined {
  const [said, reason] = [textIn(error, 'said'), textIn(error, 'reason')]
  if (status === 404) return missing(error, said)
  const sentence = sentences.find(([only, pattern]) => only === status && pattern.test(said))
  if (sentence) return sentence[2]
  if (reason !== '' && Object.hasOwn(reasons, reason)) return reasons[reason]
  return statuses[status]
}

function missing(error: unknown, said: string): Meaning {
  const bucket = textIn(error, 'bucket')
  if (/bucket does not exist/i.test(said) && bucket !== '') {
    return { code: 'NotFound', message: `There is no bucket '${bucket}'.` }
  }
  return isPage(error) ? { code: 'InvalidArgument', message: notGcs } : 'NotFound'
}

/** What is no answer of the service at all. */
const isStrange = (error: unknown): boolean => ['StrangeAnswer', 'ZodError'].includes(textIn(error, 'name'))

/** Whether an answer says that an object or a bucket is not there. */
export const isMissing = (error: unknown): boolean => statusOf(error) === 404 && !isPage(error)

/** Whether an answer is in the form of the API. */
export const isOfApi = (error: unknown): boolean => member(error, 'isApi') === true

/** Any server answers with a page where it does not know an address. */
const isPage = (error: unknown): boolean => !isOfApi(error) && /<html/i.test(textIn(error, 'said'))

/** Whether an answer says that no bucket can have that name. */
export const isInvalidName = (error: unknown): boolean =>
  statusOf(error) === 400 && /bucket name|invalid bucket/i.test(textIn(error, 'said'))

/** Whether an answer says that a new bucket is there already and is one's own. */
export const isOwnBucket = (error: unknown): boolean =>
  statusOf(error) === 409 && /you already own/i.test(textIn(error, 'said'))
