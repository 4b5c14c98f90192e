import { verify } from 'node:crypto'
import { invalidGrant, TokenError } from './token-error.ts'
import { type Holder, readScopes, type RegisteredAccount, type TokenDirectory } from './token-directory.ts'

/** As what the vendor's own endpoint is known. Clients with a fixed audience name one of these. */
const vendorAudiences = [
  'https://oauth2.googleapis.com/token',
  'https://www.googleapis.com/oauth2/v4/token',
  'https://accounts.google.com/o/oauth2/token',
]

const longest = 3600
/** Seconds that clocks may differ. */
const skew = 300

type Claims = Readonly<Record<string, unknown>>

function decodeJson(part: string | undefined): Claims {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw invalidGrant('Invalid JWT: Failed to parse the assertion.')
}

const text = (claims: Claims, name: string): string | undefined => {
  const value = claims[name]
  return typeof value === 'string' ? value : undefined
}

export interface VerifiedAssertion {
  /** The account itself, or the user in whose name it acts. */
  readonly holder: Holder
  readonly scopes: readonly string[]
}

/**
 * Checks the assertion of a service account (developers.google.com/identity/protocols/oauth2/service-account): RS256 by
 * a key of the account, for this endpoint, good for an hour at most, and for some scope.
 */
export function verifyAssertion(directory: TokenDirectory, assertion: string, tokenUri: string): VerifiedAssertion {
  const parts = assertion.split('.')
  const [header, claims] = [decodeJson(parts[0]), decodeJson(parts[1])]
  if (parts.length !== 3) throw invalidGrant('Invalid JWT: Failed to parse the assertion.')
  if (text(header, 'alg') !== 'RS256') throw invalidGrant('Invalid JWT: Only RS256 is supported.')
  const account = directory.accounts.get(text(claims, 'iss') ?? '')
  if (!account) throw invalidGrant('Invalid grant: account not found')
  checkSignature(account, parts, text(header, 'kid'))
  const audience = text(claims, 'aud')
  if (audience === undefined || ![tokenUri, ...vendorAudiences].includes(audience)) {
    throw invalidGrant(`Invalid JWT: Failed audience check. The right audience is ${tokenUri}`)
  }
  checkTimes(claims, Math.floor(directory.now() / 1000))
  const scopes = readScopes(text(claims, 'scope'))
  const subject = text(claims, 'sub')
  if (subject === undefined || subject === account.email) return { holder: account, scopes }
  const allowed = account.delegations.get(subject)
  const mayActAs = account.delegations.has(subject) && scopes.every((scope) => allowed?.includes(scope) ?? true)
  if (!mayActAs) {
    throw new TokenError(
      401,
      'unauthorized_client',
      'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
    )
  }
  return { holder: { email: subject, member: account.member }, scopes }
}

function checkSignature(account: RegisteredAccount, parts: readonly string[], keyId: string | undefined): void {
  const keys =
    keyId === undefined ? [...account.keys.values()] : [account.keys.get(keyId)].filter((key) => key !== undefined)
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`)
  const signature = Buffer.from(parts[2] ?? '', 'base64url')
  if (!keys.some((key) => verify('RSA-SHA256', signed, key, signature))) throw invalidGrant('Invalid JWT Signature.')
}

function checkTimes(claims: Claims, now: number): void {
  const { iat, exp } = claims
  const fit =
    typeof iat === 'number' &&
    typeof exp === 'number' &&
    exp > iat &&
    exp - iat <= longest + skew &&
    iat <= now + skew &&
    exp > now - skew
  if (fit) return
  throw invalidGrant(
    'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
  )
}
