/** What an `Authorization` header claims. A Bearer token is the password of an account, sent without its name. */
export type Credentials =
  | { readonly scheme: 'basic'; readonly user: string; readonly password: string }
  | { readonly scheme: 'bearer'; readonly password: string }

/** Undefined for anything that is neither Basic (RFC 7617) nor Bearer (RFC 6750). */
export function parseCredentials(authorization: string): Credentials | undefined {
  const token = /^bearer +(\S.*)$/i.exec(authorization)?.[1]
  if (token !== undefined) return { scheme: 'bearer', password: token.trimEnd() }
  const encoded = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization)?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon === -1) return undefined
  return { scheme: 'basic', user: text.slice(0, colon), password: text.slice(colon + 1) }
}
