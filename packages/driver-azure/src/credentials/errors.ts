import { type Classification, type ErrorCode, errorCodes } from '@filegate/core'

const refused = (message: string): Classification => ({ code: 'Unauthenticated', message })

/** That a tenant is unknown shows only by what the login service does not tell about it. */
const wrongTenant = refused(
  'Entra knows no such tenant, or the login service does not answer as Entra does. Check tenant.',
)
const wrongApplication = refused('The tenant has no such application. Check client_id and tenant.')
const wrongSecret = refused(
  'The secret of the application is wrong. Check client_secret: its value, not its identifier.',
)
const wrongCertificate = refused(
  'Entra does not take the certificate for one of the application. Check client_certificate_path.',
)
const wrongPassword = refused('The user name or the password is wrong.')
const moreProof = refused('Entra wants more proof than a password, such as a second factor. Log in as an application.')
const noConsent = refused('The application may not use Azure Storage for this user. An administrator has to consent.')

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const entraCodes: Readonly<Record<string, Classification>> = {
  '90002': wrongTenant,
  '900023': wrongTenant,
  '900021': wrongTenant,
  '50059': wrongTenant,
  '700016': wrongApplication,
  '7000229': wrongApplication,
  '7000112': refused('The application is disabled in the tenant.'),
  '7000215': wrongSecret,
  '7000222': refused('The secret of the application has expired. Make a new one for client_secret.'),
  '7000218': refused('The application may not log users in without its own secret. Allow public client flows for it.'),
  '700027': wrongCertificate,
  '700030': wrongCertificate,
  '700024': refused('The clocks of this machine and of Entra are too far apart.'),
  '50126': wrongPassword,
  '50034': refused('The tenant has no such user. Check username and tenant.'),
  '50053': refused('The account of the user is locked for a while, after too many wrong passwords.'),
  '50055': refused('The password of the user has expired.'),
  '50057': refused('The account of the user is disabled.'),
  '50076': moreProof,
  '50079': moreProof,
  '50158': moreProof,
  '53003': refused('A policy of the tenant forbids this login (conditional access).'),
  '65001': noConsent,
  '500011': refused('The tenant knows no Azure Storage. Check tenant.'),
  '70021': refused('The application does not trust this identity. Add a federated credential for it.'),
  '700213': refused('The application does not trust this identity. Add a federated credential for it.'),
  '90033': { code: 'Unavailable' },
  '90055': { code: 'Throttled' },
}

/** What the errors of the vendor's library for logins say themselves, where they have no number. */
const sentences: readonly (readonly [RegExp, Classification])[] = [
  [/Azure CLI could not be found/, refused('The program az is not there. Install it, or log in in another way.')],
  [/az login/, refused('The program az is not logged in. Run az login where this runs.')],
  [/ChainedTokenCredential/, refused('The machine has nothing to log in with: no variables, no identity and no az.')],
  [/identity_not_found|Identity not found|No managed identity/i, refused('The machine has no such managed identity.')],
  [/ManagedIdentityCredential/, refused('The machine gave no token: it has no managed identity, or not this one.')],
  [/AzureCliCredential|az account/, refused('The program az gave no token.')],
  [/endpoints_resolution_error|openid_config_error|instance metadata/i, wrongTenant],
]

const loginErrors: ReadonlySet<unknown> = new Set([
  'AuthenticationError',
  'AuthenticationRequiredError',
  'AggregateAuthenticationError',
  'CredentialUnavailableError',
])

/** What an error of a login means; `undefined` for one that is of something else. */
export function classifyLogin(error: unknown): Classification | undefined {
  const refusal = refusalOf(error)
  if (refusal) return refusal
  if (!loginErrors.has(memberOf(error, 'name'))) return undefined
  const said = [...chain(error)]
  for (const each of said) {
    const unreachable = refusalOf(each) ?? unreachableOf(each)
    if (unreachable) return unreachable
  }
  const text = said.map((each) => (each instanceof Error ? each.message : '')).join('\n')
  const [, number = ''] = /AADSTS(\d+)/.exec(text) ?? []
  const known = Object.hasOwn(entraCodes, number) ? entraCodes[number] : undefined
  if (known) return known
  const sentence = sentences.find(([pattern]) => pattern.test(text))
  if (sentence) return sentence[1]
  const reason = number === '' ? '' : ` (AADSTS${number})`
  return refused(`The login at Entra failed${reason}. Check the options that log in.`)
}

/**
 * A refusal of ours inside an error of the vendor's library, which keeps the message and the code of what broke a connection but
 * not the error itself.
 */
function refusalOf(error: unknown): Classification | undefined {
  const code = memberOf(error, 'code')
  const message = memberOf(error, 'message')
  if (memberOf(error, 'name') !== 'RestError' || memberOf(error, 'statusCode') !== undefined) return undefined
  return isErrorCode(code) && typeof message === 'string' ? { code, message } : undefined
}

const isErrorCode = (code: unknown): code is ErrorCode => errorCodes.some((known) => known === code)

function unreachableOf(error: unknown): Classification | undefined {
  const status = memberOf(error, 'statusCode') ?? memberOf(error, 'status')
  if (status === 429) return { code: 'Throttled' }
  const isBroken = memberOf(error, 'name') === 'RestError' && status === undefined
  if (isBroken && memberOf(error, 'code') === 'ENOTFOUND') {
    const message = 'The host of the login service is unknown to this network.'
    return { code: 'Unavailable', fate: 'permanent', message }
  }
  if (!isBroken && !(typeof status === 'number' && status >= 500)) return undefined
  return { code: 'Unavailable', message: 'The service that gives out tokens could not be reached.' }
}

/** An error with what caused it, as far as a few steps down. */
function* chain(error: unknown, depth = 5): Generator {
  if (depth === 0 || typeof error !== 'object' || error === null) return
  yield error
  yield* chain(memberOf(error, 'cause'), depth - 1)
  const errors = memberOf(error, 'errors')
  if (Array.isArray(errors)) for (const each of errors) yield* chain(each, depth - 1)
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
