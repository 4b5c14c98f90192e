import { constants, generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from 'node:crypto'

export type Claims = Readonly<Record<string, unknown>>

export interface Token {
  readonly header: Claims
  readonly claims: Claims
  readonly signed: string
  readonly signature: Buffer
}

const encode = (value: Claims): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Takes a token apart without checking anything; `undefined` when it is none. */
export function readToken(token: string): Token | undefined {
  const [first = '', second = '', third = '', ...rest] = token.split('.')
  const [header, claims] = [decode(first), decode(second)]
  if (header === undefined || claims === undefined || third === '' || rest.length > 0) return undefined
  return { header, claims, signed: `${first}.${second}`, signature: Buffer.from(third, 'base64url') }
}

const algorithms = {
  RS256: { padding: constants.RSA_PKCS1_PADDING },
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
} as const

/** Whether the key made the signature, by the algorithm that the token names: RS256 or PS256. */
export function isSignedBy(token: Token, key: KeyObject): boolean {
  const { alg } = token.header
  if (alg !== 'RS256' && alg !== 'PS256') return false
  return verify('sha256', Buffer.from(token.signed), { key, ...algorithms[alg] }, token.signature)
}

/** Whether now lies in the times of the token, give or take five minutes before it begins. */
export function isCurrent({ claims }: Token): boolean {
  const seconds = Date.now() / 1000
  const { exp, nbf } = claims
  return typeof exp === 'number' && exp > seconds && (typeof nbf !== 'number' || nbf <= seconds + 300)
}

/** A key that signs tokens, and what the world must know to check them. */
export interface SigningKey {
  sign(claims: Claims): string
  readonly publicKey: KeyObject
  /** As in a key set (RFC 7517). */
  readonly published: Claims
}

export function createSigningKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = randomUUID()
  return {
    sign: (claims) => signToken({ typ: 'JWT', alg: 'RS256', kid, x5t: kid }, claims, privateKey),
    publicKey,
    published: { ...publicKey.export({ format: 'jwk' }), kid, x5t: kid, use: 'sig', alg: 'RS256' },
  }
}

/** The header must name RS256 or PS256. */
export function signToken(
  header: Claims & { readonly alg: keyof typeof algorithms },
  claims: Claims,
  key: KeyObject,
): string {
  const signed = `${encode(header)}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(signed), { key, ...algorithms[header.alg] })
  return `${signed}.${signature.toString('base64url')}`
}
