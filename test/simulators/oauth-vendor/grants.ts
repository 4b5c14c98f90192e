import { createHash, randomBytes } from 'node:crypto'

/** What a user allowed once. All tokens that come from it end with it. */
export interface Grant {
  readonly client: string
  revoked: boolean
  /** The one refresh token that is good now. */
  refresh: string
  readonly access: Map<string, number>
}

interface Code {
  readonly client: string
  readonly redirectUri: string
  readonly challenge: string
}

export type Answer =
  | { readonly access_token: string; readonly refresh_token: string; readonly expires_in: number; token_type: 'bearer' }
  | { readonly error: string }

const fresh = (kind: string): string => `marker-${kind}-${randomBytes(12).toString('base64url')}`

/** The grants of the vendor. `lasts` is how many seconds access tokens are good. */
export function createGrants(lasts: () => number) {
  const codes = new Map<string, Code>()
  const grants = new Set<Grant>()
  const spent = new Map<string, Grant>()
  const tokens = (grant: Grant): Answer => {
    const access = fresh('access')
    grant.access.set(access, Date.now() + lasts() * 1000)
    return { access_token: access, refresh_token: grant.refresh, expires_in: lasts(), token_type: 'bearer' }
  }
  return {
    grants,
    code(code: Code): string {
      const text = fresh('code')
      codes.set(text, code)
      return text
    },
    exchange(text: string, redirectUri: string, verifier: string, client: string): Answer {
      const code = codes.get(text)
      codes.delete(text)
      const challenge = createHash('sha256').update(verifier).digest('base64url')
      const fits = code?.client === client && code.redirectUri === redirectUri && code.challenge === challenge
      if (!fits) return { error: 'invalid_grant' }
      const grant: Grant = { client, revoked: false, refresh: fresh('refresh'), access: new Map() }
      grants.add(grant)
      return tokens(grant)
    },
    /** An old refresh token is a theft by somebody: nobody keeps the grant. */
    refresh(text: string, client: string): Answer {
      const thief = spent.get(text)
      if (thief) thief.revoked = true
      const grant = [...grants].find(({ refresh }) => refresh === text)
      if (!grant || grant.revoked || grant.client !== client) return { error: 'invalid_grant' }
      spent.set(grant.refresh, grant)
      grant.refresh = fresh('refresh')
      return tokens(grant)
    },
    isGood: (access: string): boolean =>
      [...grants].some((grant) => !grant.revoked && (grant.access.get(access) ?? 0) > Date.now()),
  }
}
