import { randomUUID } from 'node:crypto'
import type { SigningKey } from './json-web-token.ts'

/** An application registered in the tenant. */
export interface Application {
  readonly clientId: string
  readonly secret?: string
  /** Certificates registered for it, in PEM. */
  readonly certificates?: readonly string[]
  /** Trusted by the subject of its certificate, so that each assertion must bring its chain (`x5c`). */
  readonly needsChain?: boolean
  /** Trusts tokens of another issuer, as workloads in Kubernetes have them. */
  readonly federated?: { readonly issuer: string; readonly subject: string; readonly publicKey: string }
  /** Where codes may be sent. One on the machine itself, by the name localhost or 127.0.0.1, is good with any port. */
  readonly redirectUris?: readonly string[]
  /** What an administrator allowed it on its own, without a user: the claim `roles` of its tokens. */
  readonly roles?: readonly string[]
}

export interface User {
  readonly name: string
  readonly password: string
  /** Must prove who it is in a second way, which no password grant can. */
  readonly needsSecondFactor?: boolean
}

/** An identity of the machine. */
export interface ManagedIdentity {
  readonly clientId: string
  readonly objectId: string
  readonly resourceId: string
  /** The identity of the machine itself, which is meant when none is named. */
  readonly ofSystem?: boolean
}

/** What the simulator knows: one tenant with what is in it. */
export interface Directory {
  /** Its GUID. */
  readonly tenant: string
  /** Other names for it, such as contoso.onmicrosoft.com. */
  readonly domains: readonly string[]
  readonly applications: readonly Application[]
  readonly users: readonly User[]
  readonly identities: readonly ManagedIdentity[]
  /** What tokens are given out for, without a slash at the end. */
  readonly resources: readonly string[]
  /** Seconds that a token is good for. */
  readonly lifetime: number
  readonly key: SigningKey
}

export interface Bearer {
  readonly resource: string
  readonly clientId: string
  readonly objectId: string
  /** More claims. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Seconds that this token is good for, when others than usual. */
  readonly lifetime?: number
}

/** A token as storage services are given: version 1.0, by the issuer sts.windows.net. */
export function issueToken(directory: Directory, bearer: Bearer): string {
  const { resource, clientId, objectId, claims = {}, lifetime = directory.lifetime } = bearer
  const issued = Math.floor(Date.now() / 1000)
  const issuer = `https://sts.windows.net/${directory.tenant}/`
  return directory.key.sign({
    aud: resource,
    iss: issuer,
    idp: issuer,
    iat: issued,
    nbf: issued,
    exp: issued + lifetime,
    appid: clientId,
    oid: objectId,
    sub: objectId,
    tid: directory.tenant,
    // Each token is another one, even within a second.
    uti: randomUUID(),
    ver: '1.0',
    ...claims,
  })
}

/** The resource as it was asked for, when there is one of that name. */
export const isKnownResource = ({ resources }: Directory, resource: string): boolean =>
  resources.includes(resource.replace(/\/$/, ''))
