import type { ConnectContext } from '@filegate/core'
import { jsonText } from '@filegate/core/options'
import { tokenBlob } from '@filegate/core/oauth'
import { z } from 'zod'

/** RFC 6750, section 2.1. */
const bare = /^\s*[\w.~+/-]+=*\s*$/

/** The console of the vendor gives out access tokens as such, without anything around them. */
export const isBareToken = (given: unknown): given is string => typeof given === 'string' && bare.test(given)

/** A token blob, or an access token alone. */
export const tokenOption = () =>
  z
    .union([z.string(), z.record(z.string(), z.unknown())], { error: 'must be a JSON object, or an access token' })
    .transform((given): string | Readonly<Record<string, unknown>> | undefined =>
      isBareToken(given) ? { access_token: given.trim() } : given,
    )
    .pipe(jsonText(tokenBlob))
    .prefault('')
    .meta({ shown: 'string', secret: true })

/** What is kept of a bare token is the token, and no blob that could be renewed. */
export const renewingBlobs =
  ({ renewToken }: Pick<ConnectContext, 'renewToken'>): ConnectContext['renewToken'] =>
  (renew) =>
    renewToken((kept) => renew(isBareToken(kept) ? undefined : kept))
