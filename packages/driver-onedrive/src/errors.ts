import { type Classification, type Classify, type ErrorCode, parseRetryAfter } from '@filegate/core'
import { badName } from './address.ts'
import { strangeAnswer } from './json-answer.ts'

const wrongToken =
  'Microsoft did not accept the access token. Allow access anew, and check that region is the cloud of the account.'
const notAllowed =
  'OneDrive does not permit it. The account may lack the right, or the token a scope: Files.Read.All to read, Files.ReadWrite.All to change, Sites.Read.All for SharePoint.'
const full = 'The drive is full. Make room in it, its recycle bin included, or extend the plan of the account.'
const infected = 'OneDrive takes the file for infected. Set av_override to read it all the same.'
const locked = 'Somebody has the file open or checked out. Close it there and try again.'
const tooLong =
  'The name or the path is too long: OneDrive allows 255 characters for a name, and 400 for all of a path.'
const noLinks = 'The administrator does not allow such links. Set link_scope to organization.'
const badDrive = 'There is no such drive. Check drive_id.'
const stale = 'The listing changed while it was read. List again.'
/** For what answers, but not as the service does. */
const strange: Classification = { code: 'Unexpected', message: strangeAnswer }
const tooLarge = 'The file is larger than OneDrive takes.'

type Meaning = ErrorCode | Classification

const sentence = (code: ErrorCode, message: string): Classification => ({ code, message })

/** The vendor's words for what is wrong, in lower case: https://learn.microsoft.com/onedrive/developer/rest-api/concepts/errors. */
const words: Readonly<Record<string, Meaning>> = {
  pathistoolong: sentence('InvalidPath', tooLong),
  nametoolong: sentence('InvalidPath', tooLong),
  invalidname: sentence('InvalidPath', badName),
  invalidpath: sentence('InvalidPath', badName),
  namealreadyexists: 'AlreadyExists',
  resourcemodified: 'PreconditionFailed',
  quotalimitreached: sentence('NoSpace', full),
  insufficientstorage: sentence('NoSpace', full),
  resourcelocked: sentence('Conflict', locked),
  lockmismatch: sentence('Conflict', locked),
  filelocked: sentence('Conflict', locked),
  sharingdisabled: sentence('AccessDenied', noLinks),
  resyncrequired: sentence('Conflict', stale),
  maxfilesizeexceeded: sentence('TooLarge', tooLarge),
  activitylimitreached: 'Throttled',
  toomanyrequests: 'Throttled',
  throttledrequest: 'Throttled',
  invalidrange: 'RangeNotSatisfiable',
  notsupported: 'Unsupported',
  unauthenticated: sentence('Unauthenticated', wrongToken),
  invalidauthenticationtoken: sentence('Unauthenticated', wrongToken),
}

/** What only the vendor's sentence tells. */
const sentences: readonly (readonly [status: number, said: RegExp, meaning: Classification])[] = [
  [400, /drive id|valid drive|ObjectHandle/i, sentence('InvalidArgument', badDrive)],
  [
    400,
    /\bname\b.*(?:invalid|not allowed|cannot|reserved)|(?:invalid|illegal).*\bname\b/i,
    sentence('InvalidPath', badName),
  ],
  [400, /too long/i, sentence('InvalidPath', tooLong)],
  [403, /quota|storage.*(?:full|exceed)/i, sentence('NoSpace', full)],
]

/** What a status means where that differs from the general rules, or can be said better. */
const statuses: Readonly<Record<number, Meaning>> = {
  401: sentence('Unauthenticated', wrongToken),
  403: sentence('AccessDenied', notAllowed),
  409: 'Conflict',
  410: sentence('Conflict', stale),
  413: sentence('TooLarge', tooLarge),
  423: sentence('Conflict', locked),
  429: 'Throttled',
  507: sentence('NoSpace', full),
  509: 'Throttled',
}

/** The refusals of the token endpoint: https://learn.microsoft.com/entra/identity-platform/reference-error-codes. */
const tokenErrors: Readonly<Record<string, Classification>> = {
  invalid_client: sentence(
    'Unauthenticated',
    'Microsoft does not know this OAuth client, or its secret has expired. Check client_id, client_secret and tenant.',
  ),
  unauthorized_client: sentence(
    'Unauthenticated',
    'This OAuth client may not log in this way. Check client_id and tenant, and what the client is registered for.',
  ),
  invalid_scope: sentence('Unauthenticated', 'The OAuth client may not ask for these scopes. Check access_scopes.'),
  interaction_required: sentence('Unauthenticated', 'Microsoft wants the user to log in again. Allow access anew.'),
  consent_required: sentence(
    'Unauthenticated',
    'The user, or the administrator of the organization, has to allow the OAuth client access first.',
  ),
}

const notTokens = 'Microsoft did not give a token. Check tenant, region, client_id and token_url.'

/** What an error of the vendor means. What the tables do not know goes by its HTTP status. */
export const classify: Classify = (error) => {
  const tokenStatus = member(error, 'tokenStatus')
  if (typeof tokenStatus === 'number') return tokenMeaning(error, tokenStatus)
  const status = statusOf(error)
  if (status === undefined) return member(error, 'name') === 'ZodError' ? strange : undefined
  const found = meaningOf(error, status)
  return found && { retryAfter: retryAfterOf(error), ...(typeof found === 'string' ? { code: found } : found) }
}

function meaningOf(error: unknown, status: number): Meaning | undefined {
  const codes = vendorCodesOf(error)
  if (isInfection(error)) return sentence('AccessDenied', infected)
  // An address of bytes that has run out. The next look-up gives another one.
  if (member(error, 'from') === 'bytes' && [401, 403, 404, 410].includes(status)) return 'Unavailable'
  for (const code of codes.toReversed()) if (Object.hasOwn(words, code)) return words[code]
  const said = textIn(error, 'vendorMessage')
  const known = sentences.find(([only, pattern]) => only === status && pattern.test(said))
  if (known) return known[2]
  // Whoever says when to come back has not begun with the work.
  if (status === 503 && retryAfterOf(error) !== undefined) return 'Throttled'
  return statuses[status]
}

function tokenMeaning(error: unknown, status: number): Classification | undefined {
  const known = tokenErrors[textIn(error, 'tokenError')]
  if (known) return known
  if (status === 429 || status >= 500) {
    return { code: status === 429 ? 'Throttled' : 'Unavailable', retryAfter: retryAfterOf(error) }
  }
  return sentence('InvalidArgument', notTokens)
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

function textIn(value: unknown, name: string): string {
  const text = member(value, name)
  return typeof text === 'string' ? text : ''
}

function statusOf(error: unknown): number | undefined {
  const status = member(error, 'status')
  return typeof status === 'number' ? status : undefined
}

/** Whose `Headers` they are depends on who sent the request. */
function headerOf(error: unknown, name: string): string | undefined {
  const headers = member(error, 'headers')
  const get = member(headers, 'get')
  const text: unknown = typeof get === 'function' ? get.call(headers, name) : undefined
  return typeof text === 'string' ? text : undefined
}

/** Seconds. */
function retryAfterOf(error: unknown): number | undefined {
  const text = headerOf(error, 'retry-after')
  return text === undefined ? undefined : parseRetryAfter(text)
}

const vendorCodesOf = (error: unknown): readonly string[] => {
  const codes = member(error, 'vendorCodes')
  return Array.isArray(codes) ? codes.filter((code) => typeof code === 'string') : []
}

/** Whether bytes are held back as infected. */
export const isInfection = (error: unknown): boolean =>
  headerOf(error, 'x-virus-infected') !== undefined || vendorCodesOf(error).includes('malwaredetected')

/** Whether an answer says that an item is not there. */
export const isMissing = (error: unknown): boolean => statusOf(error) === 404 && member(error, 'from') === 'api'

/** Whether the API does not find something in the way it was asked for. */
export const isElsewhere = (error: unknown): boolean =>
  [400, 403, 404].includes(statusOf(error) ?? 0) && member(error, 'from') === 'api'

/** Whether an answer says that an id cannot be that of a drive. */
export const isBadDrive = (error: unknown): boolean => {
  const meaning = classify(error)
  return typeof meaning === 'object' && meaning.message === badDrive
}

/** Whether an answer says that what changed since then is not known any more. */
export const isExpired = (error: unknown): boolean => statusOf(error) === 410

/** Whether an answer says no more than that the request is wrong. */
export const isBadRequest = (error: unknown): boolean => statusOf(error) === 400

/** Whether an answer says that something of that name is there already. */
export const isNameTaken = (error: unknown): boolean => vendorCodesOf(error).includes('namealreadyexists')

/** Whether a session for an upload is not there any more, be it that the upload is complete. */
export const isSessionOver = (error: unknown): boolean => [404, 410].includes(statusOf(error) ?? 0)

/** Whether a session for an upload has, or lacks, other bytes than the request takes for granted. */
export const isOutOfStep = (error: unknown): boolean => statusOf(error) === 416
