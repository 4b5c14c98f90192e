import { type Classification, type Classify, type ErrorCode, parseRetryAfter } from '@filegate/core'
import { member } from './member.ts'
import { innermost, tagsOf } from './tags.ts'

type Meaning = ErrorCode | Classification

const denied = (message: string): Classification => ({ code: 'AccessDenied', message })
const noSpace = (message: string): Classification => ({ code: 'NoSpace', message })
const unsupported = (message: string): Classification => ({ code: 'Unsupported', message })

const badName =
  'Dropbox does not take a file or folder of that name: it has more than 255 characters, characters that Dropbox forbids, or is one that Dropbox ignores, such as desktop.ini or .DS_Store.'
const damaged = 'The bytes were damaged on their way. Send the file again.'
const lost = 'Dropbox has ended the upload before it was whole. Send the file again.'
const tooMany = 'The folder holds more files than Dropbox copies, moves or removes at once. Do it with its parts.'
const shared = 'Dropbox does not do this with a shared folder.'

/** The errors of the calls on files, as `tagsOf` writes them: https://www.dropbox.com/developers/documentation/http/documentation. */
const tags: readonly (readonly [pattern: RegExp, meaning: Meaning])[] = [
  [/too_many_write_operations$|too_many_requests$/, 'Throttled'],
  [/incorrect_offset$|^lookup_failed|^(?:not_found|closed|not_closed)$/, { code: 'Conflict', message: lost }],
  [/not_found$/, 'NotFound'],
  [/not_file$/, 'IsADirectory'],
  [/not_folder$/, 'NotADirectory'],
  [
    /restricted_content$/,
    denied('Dropbox does not give out this file: its content is restricted, for legal reasons. The account can tell.'),
  ],
  [/unsupported_content_type$|unsupported_file$/, unsupported('Dropbox cannot give out this kind of file.')],
  [/non_exportable$|invalid_export_format$/, unsupported('Dropbox can neither give out nor export this document.')],
  [/retry_error$/, 'Unavailable'],
  [/locked$/, { code: 'Conflict', message: 'Somebody has locked the file in Dropbox.' }],
  [/malformed_path$/, { code: 'InvalidPath', message: badName }],
  [/disallowed_name$/, { code: 'InvalidPath', message: badName }],
  [/^path\/conflict\/folder$/, 'IsADirectory'],
  [/conflict\/file_ancestor$/, { code: 'NotADirectory', message: 'A part of the path is a file, not a directory.' }],
  [/conflict(?:\/\w+)?$/, 'AlreadyExists'],
  [/no_write_permission$|access_restricted$/, denied('Dropbox does not let this account write there.')],
  [/team_folder$/, denied('A team folder cannot be changed in this way.')],
  [
    /team_folder_insufficient_(?:space|quota)$/,
    noSpace(
      'The team folder of Dropbox is full. Remove something, or ask an administrator of the team for more space.',
    ),
  ],
  [
    /insufficient_(?:space|quota)$/,
    noSpace('The Dropbox is full. Remove something, or get more space for the account.'),
  ],
  [
    /upload_traffic_limit_reached$/,
    { code: 'NoSpace', message: 'Dropbox takes no more uploads from this account today.' },
  ],
  [/operation_suppressed$/, { code: 'Conflict', message: 'Another change of the file is under way. Try again.' }],
  [/too_many_files$/, { code: 'TooLarge', message: tooMany }],
  [/cant_move_folder_into_itself$|duplicated_or_nested_paths$/, 'InvalidArgument'],
  [/cant_(?:copy|move|nest)_shared_folder$|cant_move_into_(?:vault|family)$/, unsupported(shared)],
  [/cant_transfer_ownership$/, denied('The move would give the content to another owner, which the account may not.')],
  [/internal_error$/, 'Unavailable'],
  [/payload_too_large$|too_large$/, 'TooLarge'],
  [/content_hash_mismatch$/, { code: 'Unavailable', message: damaged }],
  [
    /encryption_not_supported$/,
    unsupported('Dropbox keeps this folder encrypted, where only its own programs can write.'),
  ],
  [/^reset$/, { code: 'Conflict', message: 'The folder changed so much that its listing has to begin anew.' }],
  [/email_not_verified$/, denied('The e-mail address of the Dropbox account has to be verified before it can share.')],
  [
    /settings_error\/not_authorized$/,
    denied(
      'This Dropbox account cannot make such links: links that expire need a paid plan, and a team can forbid links.',
    ),
  ],
  [/settings_error/, 'InvalidArgument'],
  [/shared_link_access_denied$/, denied('Dropbox does not let this account read what is shared there.')],
  [/not_mountable$|inside_shared_folder$/, denied('This shared folder cannot be mounted in the account.')],
  [/no_permission$|access_denied$|insufficient_permissions$/, 'AccessDenied'],
  [/invalid_revision$/, 'NotFound'],
]

const statuses: Readonly<Record<number, (error: unknown, about: string) => Meaning | undefined>> = {
  400: meaningOfSentence,
  401: (error, about) => loginMeaning(error, about),
  403: (_error, about) =>
    /paper|team_access|invalid_account_type/.test(about)
      ? denied('The kind of this Dropbox account, or its team, does not allow it.')
      : undefined,
  409: (_error, about) => tags.find(([pattern]) => pattern.test(about))?.[1],
  422: () => ({
    code: 'InvalidArgument',
    message: 'root_namespace: there is no such namespace, or the account may not see it. Check the number.',
  }),
}

function loginMeaning(error: unknown, about: string): Meaning {
  if (about.startsWith('missing_scope')) {
    const scope = member(innermost(error), 'required_scope')
    const named = typeof scope === 'string' && /^[\w.]{1,60}$/.test(scope) ? ` ${scope}` : ''
    return denied(
      `token: lacks the scope${named}. Tick it in the settings of the app at Dropbox, then allow access anew to get a token with it.`,
    )
  }
  const meaning = /^\w+/.exec(about)?.[0] ?? ''
  return logins[meaning] ?? { code: 'Unauthenticated', message: 'token: Dropbox does not accept it.' }
}

const logins: Readonly<Record<string, Classification>> = {
  invalid_select_user: {
    code: 'InvalidArgument',
    message: 'impersonate: the token may not work as this member. It has to be one of the team, with team_data.member.',
  },
  invalid_select_admin: {
    code: 'InvalidArgument',
    message: 'impersonate: the token may not work as an administrator.',
  },
  user_suspended: denied('The Dropbox account is suspended.'),
  route_access_denied: denied('The app at Dropbox may not make this call.'),
}

/** Of a wrong request the vendor says in words what is wrong with it. */
const sentences: readonly (readonly [said: RegExp, meaning: Classification])[] = [
  [/\bpath\b.*did not match pattern/s, { code: 'InvalidPath', message: badName }],
  [/access token.*\bmalformed/is, { code: 'Unauthenticated', message: 'token: is none that Dropbox gives out.' }],
  [
    /single Dropbox account, but .*entire .*team/s,
    { code: 'InvalidArgument', message: 'impersonate: the token is one of a team, so say as which member to work.' },
  ],
  [
    /operates on a team, but|Select-User.*with an access token of a team/s,
    { code: 'InvalidArgument', message: 'impersonate: the token is that of one account. It takes one of a team.' },
  ],
]

function meaningOfSentence(error: unknown): Meaning | undefined {
  const said = member(error, 'error')
  return typeof said === 'string' ? sentences.find(([pattern]) => pattern.test(said))?.[1] : undefined
}

/** The refusals of token endpoints: RFC 6749, section 5.2. */
const tokenErrors: Readonly<Record<string, Classification>> = {
  invalid_client: {
    code: 'Unauthenticated',
    message: 'The token endpoint does not know this OAuth client. Check client_id and client_secret.',
  },
  invalid_client_id: {
    code: 'Unauthenticated',
    message: 'The token endpoint does not know this OAuth client. Check client_id.',
  },
  unauthorized_client: {
    code: 'Unauthenticated',
    message: 'This OAuth client may not ask for such tokens. Check client_id and client_secret.',
  },
  unsupported_grant_type: {
    code: 'InvalidArgument',
    message: 'client_credentials: the token endpoint gives no tokens to clients themselves. Give a token instead.',
  },
}
const notTokens = 'The token endpoint does not answer as one. Check token_url.'

const strange: Classification = { code: 'Unexpected', message: 'Dropbox answered in a way that is not its own.' }

/** What an error of the vendor means. What the tables do not know goes by its HTTP status. */
export const classify: Classify = (error) => {
  const tokenStatus = member(error, 'tokenStatus')
  if (typeof tokenStatus === 'number') return tokenMeaning(error, tokenStatus)
  const status = member(error, 'status')
  if (typeof status !== 'number') return member(error, 'name') === 'ZodError' ? strange : undefined
  // The API leads nowhere else, and is not asked on conditions.
  if (status >= 300 && status < 400) return strange
  const retryAfter = retryAfterOf(error)
  const found = status === 429 ? 'Throttled' : statuses[status]?.(error, tagsOf(error))
  return found && { retryAfter, ...(typeof found === 'string' ? { code: found } : found) }
}

function tokenMeaning(error: unknown, status: number): Classification {
  const known = tokenErrors[String(member(error, 'tokenError'))]
  if (known) return known
  if (status === 429) return { code: 'Throttled', retryAfter: retryAfterOf(error) }
  return status >= 500 ? { code: 'Unavailable' } : { code: 'InvalidArgument', message: notTokens }
}

/** Seconds, from the header or, where that is missing, from the answer. */
function retryAfterOf(error: unknown): number | undefined {
  const headers = member(error, 'headers')
  const said = headers instanceof Headers ? headers.get('retry-after') : null
  const told = member(member(member(error, 'error'), 'error'), 'retry_after')
  return said === null ? (typeof told === 'number' ? told : undefined) : parseRetryAfter(said)
}

/** Whether an answer says that there is nothing at the path. */
export const isMissing = (error: unknown): boolean =>
  member(error, 'status') === 409 && /(?:^|\/)not_found$/.test(tagsOf(error))
