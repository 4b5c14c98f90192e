import type { BlobAnswer } from './adapt.ts'
import { type Connection, until } from './connection.ts'
import type { Tier } from './options.ts'
import type { Place } from './place.ts'

/** As the service writes it. */
const tierName = (tier: Tier): string => tier.slice(0, 1).toUpperCase() + tier.slice(1)

/** For requests that make a blob. */
export const tierInput = (tier: Tier) => (tier === '' ? {} : { tier: tierName(tier) })

export const tierOf = ({ accessTier = '' }: Pick<BlobAnswer, 'accessTier'>): string => accessTier.toLowerCase()

/** Accounts that know no tiers per upload take the blob and ignore the tier; then it is set afterwards. */
export async function settledTier(
  connection: Connection,
  place: Place,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { access_tier: wanted } = connection.options
  if (wanted === '') return
  // The answer to a GET tells no tier.
  const details = await connection.vendor.blob(place).getProperties(until(signal))
  if (tierOf(details) === wanted) return
  await connection.vendor.blob(place).setAccessTier(tierName(wanted), until(signal))
}
