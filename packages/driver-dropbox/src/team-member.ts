import { StorageError } from '@filegate/core'
import { z } from 'zod'
import { until } from './connection.ts'
import type { Vendor } from './vendor.ts'

const answer = z.array(
  z.object({
    '.tag': z.string(),
    profile: z.object({ team_member_id: z.string(), status: z.object({ '.tag': z.string() }).optional() }).optional(),
  }),
)

/**
 * The id of the member of the team with that e-mail address, under which a token of the team works in their name.
 * @throws StorageError `InvalidArgument` where there is none
 */
export async function teamMemberId(vendor: Vendor, email: string, signal: AbortSignal | undefined): Promise<string> {
  const members = [{ '.tag': 'email' as const, email }]
  const { result } = await vendor.api.teamMembersGetInfo({ members }, until(signal))
  const [found] = answer.parse(result)
  if (found?.['.tag'] === 'member_info' && found.profile) return found.profile.team_member_id
  throw new StorageError('InvalidArgument', 'impersonate: the team has no member with this e-mail address.')
}
