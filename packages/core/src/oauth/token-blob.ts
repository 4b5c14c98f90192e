import { z } from 'zod'
import { StorageError } from '../error.ts'

const text = z.string({ error: 'must be text' })
/** RFC 6749, appendix A.12: it goes into a header. */
export const accessText = text.regex(/^[\x20-\x7e]*$/, { error: 'must hold nothing but printable ASCII characters' })

/** A token of OAuth as it is kept beside the options, in the names of today and of long ago. */
export const tokenBlob = z
  .looseObject({
    access_token: accessText.optional(),
    AccessToken: accessText.optional(),
    refresh_token: text.optional(),
    RefreshToken: text.optional(),
    expiry: text.optional(),
    Expiry: text.optional(),
  })
  .transform((blob) => ({
    access: blob.access_token ?? blob.AccessToken ?? '',
    refresh: blob.refresh_token ?? blob.RefreshToken ?? '',
    /** Unix milliseconds. */
    expires: parseExpiry(blob.expiry ?? blob.Expiry),
  }))

export type TokenBlob = z.output<typeof tokenBlob>

/** The year 1 stands for a token that does not expire; what cannot be read, for one that has expired. */
function parseExpiry(expiry: string | undefined): number {
  if (expiry === undefined || expiry === '' || expiry.startsWith('0001-')) return Number.POSITIVE_INFINITY
  const time = Date.parse(expiry)
  return Number.isNaN(time) ? 0 : time
}

export function formatBlob({ access, refresh, expires }: TokenBlob): string {
  return JSON.stringify({
    access_token: access,
    token_type: 'Bearer',
    refresh_token: refresh,
    expiry: Number.isFinite(expires) ? new Date(expires).toISOString() : '0001-01-01T00:00:00Z',
  })
}

/**
 * A blob as it is kept.
 * @throws StorageError `InvalidArgument`, which does not quote it
 */
export function parseBlob(kept: string): TokenBlob {
  const blob = tokenBlob.safeParse(parsed(kept))
  if (blob.success) return blob.data
  throw new StorageError('InvalidArgument', 'token: must be a JSON object with access_token, refresh_token and expiry.')
}

function parsed(kept: string): unknown {
  try {
    return JSON.parse(kept)
  } catch {
    // The error of the parser would quote the token.
    return undefined
  }
}
