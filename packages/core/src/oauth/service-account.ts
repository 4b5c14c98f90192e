import { StorageError } from '../error.ts'
import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { ServiceAccountKey } from './service-account-key.ts'
import { askForToken } from './token-endpoint.ts'
import { renewedToken, type TokenSource } from './token-source.ts'

/** Seconds that Google lets such a token, and the proof for it, last. */
const lifetime = 3600

export interface ServiceAccountLogin {
  readonly key: ServiceAccountKey
  /** Scopes, with spaces between them. */
  readonly scope: string
  /** The user in whose name it acts, where the domain allows that. */
  readonly subject?: string | undefined
}

/** Tokens for a service account, each asked for with a proof that its key signs: RFC 7523. */
export function serviceAccountToken(login: ServiceAccountLogin, fetch: typeof globalThis.fetch): TokenSource {
  const { key } = login
  const secret = privateKeyOf(key)
  return renewedToken(
    async () => {
      const { access, expires } = await askForToken(fetch, key.token_uri, {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertion(login, secret, Math.floor(Date.now() / 1000)),
      })
      return { value: access, expires }
    },
    { project: key.project_id },
  )
}

function privateKeyOf({ private_key: text }: ServiceAccountKey): KeyObject {
  try {
    return createPrivateKey(text)
  } catch {
    // The error of the parser may tell of the key.
    throw new StorageError('InvalidArgument', 'The private_key in the key of the service account cannot be read.')
  }
}

/** @param now Unix seconds */
function assertion({ key, scope, subject }: ServiceAccountLogin, secret: KeyObject, now: number): string {
  const header = { alg: 'RS256', typ: 'JWT', ...(key.private_key_id !== undefined && { kid: key.private_key_id }) }
  const times = { iat: now, exp: now + lifetime }
  const claims = { iss: key.client_email, ...(subject && { sub: subject }), scope, aud: key.token_uri, ...times }
  const unsigned = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${unsigned}.${sign('sha256', Buffer.from(unsigned), secret).toString('base64url')}`
}
