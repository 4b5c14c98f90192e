import type { Classification, Classify, ErrorCode } from '@filegate/core'
import { loginMeaning, member, type Refusals, retryAfterOf, statusOf, textIn } from '@filegate/google-login'

const wrongToken = 'Google did not accept the access token. Allow access anew, or give credentials that can be renewed.'
const narrowScope =
  'The token does not cover this. Allow access anew with the scope drive; drive.readonly is enough for reading.'
const notDrive = 'What answers is not Google Drive. Check what stands between this machine and Google.'

type Meaning = ErrorCode | Classification

const refused = (message: string): Classification => ({ code: 'AccessDenied', message })

/** The vendor's words for what is wrong: https://developers.google.com/workspace/drive/api/guides/handle-errors. */
const reasons: Readonly<Record<string, Meaning>> = {
  authError: { code: 'Unauthenticated', message: wrongToken },
  insufficientPermissions: refused(narrowScope),
  insufficientScopes: refused(narrowScope),
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: refused(narrowScope),
  accessNotConfigured: refused(
    'The Drive API is switched off for the project of this OAuth client. Switch it on in the console of Google Cloud.',
  ),
  appNotAuthorizedToFile: refused('The scope drive.file shows only files that were made with it, and this is none.'),
  appBlacklisted: refused('An administrator of the domain has blocked this OAuth client.'),
  domainPolicy: refused('An administrator of the domain has switched Drive off for apps.'),
  insufficientFilePermissions: refused('The account may not do this with the file. Ask its owner for more rights.'),
  insufficientParentPermissions: refused('The account may not put anything into the folder. Ask its owner for it.'),
  cannotDownloadFile: refused('The owner has forbidden to download this file.'),
  cannotDownloadAbusiveFile: refused(
    'Google says that this file is malware or spam. Set acknowledge_abuse to read it all the same; its owner alone can.',
  ),
  cannotCopyFile: refused('The owner has forbidden to copy this file.'),
  cannotShareTeamDriveTopFolderWithAnyoneOrDomains: refused('The root of a shared drive cannot be shared.'),
  publishOutNotPermitted: refused('An administrator does not allow that files are shared with anybody.'),
  invalidSharingRequest: refused('Google does not share the file so. An administrator may have limited it.'),
  sharingRateLimitExceeded: 'Throttled',
  exportSizeLimitExceeded: {
    code: 'TooLarge',
    message: 'The document is larger than what Google exports. Choose another ending in export_formats, such as url.',
  },
  fileNotDownloadable: { code: 'Unsupported', message: 'A Google document has no bytes; it can be exported only.' },
  fileNotExportable: { code: 'Unsupported', message: 'Google cannot export this document.' },
  badRequest: 'InvalidArgument',
  rateLimitExceeded: 'Throttled',
  userRateLimitExceeded: 'Throttled',
  dailyLimitExceeded: {
    code: 'Throttled',
    message: 'The requests that the OAuth client may make in a day are used up. Use a client_id of your own.',
  },
  quotaExceeded: { code: 'Throttled', message: 'What this account may upload in a day is used up.' },
  downloadQuotaExceeded: { code: 'Throttled', message: 'What may be downloaded of this file in a day is used up.' },
  storageQuotaExceeded: {
    code: 'NoSpace',
    message: 'The storage of the Google account is full. Empty its trash, or get more storage.',
  },
  teamDriveFileLimitExceeded: { code: 'NoSpace', message: 'The shared drive holds as many files as it may.' },
  numChildrenInNonRootLimitExceeded: { code: 'NoSpace', message: 'The folder holds as many items as it may.' },
  activeItemCreationLimitExceeded: { code: 'NoSpace', message: 'The account has made as many items as it may.' },
  teamDriveHierarchyTooDeep: { code: 'InvalidPath', message: 'Folders in a shared drive cannot be nested so deep.' },
  teamDrivesFolderMoveInNotSupported: {
    code: 'Unsupported',
    message: 'Google does not move folders into a shared drive. Copy it, and remove the first one.',
  },
  uploadTooLarge: 'TooLarge',
  conditionNotMet: 'PreconditionFailed',
  requestedRangeNotSatisfiable: 'RangeNotSatisfiable',
  backendError: 'Unavailable',
  internalError: 'Unavailable',
  transientError: 'Unavailable',
}

const statuses: Readonly<Record<number, Meaning>> = {
  401: { code: 'Unauthenticated', message: wrongToken },
}

/** What token endpoints refuse. */
const refusals: Refusals = {
  invalid_grant: {
    code: 'Unauthenticated',
    message:
      'Google does not accept these credentials. The key of the service account was removed, or there is no such user to impersonate.',
  },
  unauthorized_client: {
    code: 'InvalidArgument',
    message:
      'These credentials may not ask for such tokens. For impersonate, an administrator has to allow the scope to the service account; client_credentials is for other token endpoints than that of Google.',
  },
  unsupported_grant_type: {
    code: 'InvalidArgument',
    message: 'The token endpoint gives out no tokens for client_credentials. Check token_url.',
  },
  invalid_scope: { code: 'InvalidArgument', message: 'These credentials may not have this scope. Check scope.' },
  access_denied: { code: 'Unauthenticated', message: 'An administrator of the domain has blocked this OAuth client.' },
}

/** What an error of the vendor means. What the tables do not know goes by its HTTP status. */
export const classify: Classify = (error) => {
  const login = loginMeaning(error, refusals)
  if (login) return login
  const status = statusOf(error)
  if (status === undefined) return isStrange(error) ? { code: 'Unexpected', message: notDrive } : undefined
  const found = meaningOf(error, status)
  if (found === undefined) return undefined
  const classification = typeof found === 'string' ? { code: found } : found
  const fate = member(error, 'isFinal') === true ? 'permanent' : undefined
  return { retryAfter: retryAfterOf(error), ...classification, ...(fate && { fate }) }
}

function meaningOf(error: unknown, status: number): Meaning | undefined {
  const reason = textIn(error, 'reason')
  if (Object.hasOwn(reasons, reason)) return reasons[reason]
  if (status === 404 && /<html/i.test(textIn(error, 'said'))) return { code: 'InvalidArgument', message: notDrive }
  // Google leads nowhere else from here, and was not asked on conditions.
  if (status >= 300 && status < 400) return { code: 'Unexpected', message: notDrive }
  return statuses[status]
}

/** What is no answer of the service at all. */
const isStrange = (error: unknown): boolean => ['StrangeAnswer', 'ZodError'].includes(textIn(error, 'name'))

export const reasonOf = (error: unknown): string => textIn(error, 'reason')

/** Whether an answer says that something is not there, or not for this account. */
export const isMissing = (error: unknown): boolean => statusOf(error) === 404
