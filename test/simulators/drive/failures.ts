import { DriveError, wrongToken } from './drive-error.ts'

/** What can be planned in place of an answer, with the words of the service. */
const reasons = {
  rateLimitExceeded: new DriveError(403, 'rateLimitExceeded', 'Rate Limit Exceeded', { domain: 'usageLimits' }),
  userRateLimitExceeded: new DriveError(403, 'userRateLimitExceeded', 'User Rate Limit Exceeded', {
    domain: 'usageLimits',
  }),
  dailyLimitExceeded: new DriveError(403, 'dailyLimitExceeded', 'Daily Limit Exceeded', { domain: 'usageLimits' }),
  dailyUploadLimit: new DriveError(
    403,
    'userRateLimitExceeded',
    'User rate limit exceeded. Rate of requests for user exceed configured project quota, you may consider re-evaluating expected per-user traffic to the API and adjust project quota limits accordingly. You may monitor aggregate quota usage and adjust limits in the API Console: https://console.developers.google.com/',
    { domain: 'usageLimits' },
  ),
  sharingRateLimitExceeded: new DriveError(
    403,
    'sharingRateLimitExceeded',
    'Rate limit exceeded. User message: "Sorry, you have exceeded your sharing quota."',
  ),
  downloadQuotaExceeded: new DriveError(
    403,
    'downloadQuotaExceeded',
    'The download quota for this file has been exceeded.',
  ),
  quotaExceeded: new DriveError(403, 'quotaExceeded', 'The user has exceeded their Drive storage quota'),
  storageQuotaExceeded: new DriveError(
    403,
    'storageQuotaExceeded',
    "The user's Drive storage quota has been exceeded.",
  ),
  teamDriveFileLimitExceeded: new DriveError(
    403,
    'teamDriveFileLimitExceeded',
    'The file limit for this shared drive has been exceeded.',
  ),
  accessNotConfigured: new DriveError(
    403,
    'accessNotConfigured',
    'Google Drive API has not been used in project 123456789012 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/drive.googleapis.com/overview?project=123456789012 then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.',
    { domain: 'usageLimits' },
    { status: 'PERMISSION_DENIED' },
  ),
  domainPolicy: new DriveError(403, 'domainPolicy', 'The domain administrators have disabled Drive apps.'),
  tooManyRequests: new DriveError(429, 'rateLimitExceeded', 'Too many requests', { domain: 'usageLimits' }),
  internalError: new DriveError(500, 'internalError', 'Internal Error'),
  backendError: new DriveError(503, 'backendError', 'Backend Error'),
  badGateway: new DriveError(502, 'badGateway', 'Bad Gateway'),
  transientFailure: new DriveError(503, 'transientFailure', 'Transient failure'),
  authError: wrongToken(),
} as const

export type FailureReason = keyof typeof reasons

/** What goes wrong with one request. */
export interface Failure {
  /** For the next request whose call begins so: `files.list`, `files`, `upload.continue`. Without it: the very next one. */
  readonly call?: string | undefined
  /** Is answered, and nothing is done. */
  readonly reason?: FailureReason | undefined
  /** The header Retry-After beside it. */
  readonly retryAfter?: string | undefined
  /**
   * Everything is done, and the connection breaks after so many bytes of the answer's body. `0`: before anything of
   * the answer came.
   */
  readonly cutAfter?: number | undefined
}

export function failureError({ reason = 'backendError', retryAfter }: Failure): DriveError {
  const { status, reason: name, message, place, more } = reasons[reason]
  const headers = { ...place.headers, ...(retryAfter !== undefined && { 'retry-after': retryAfter }) }
  return new DriveError(status, name, message, { ...place, headers }, more)
}
