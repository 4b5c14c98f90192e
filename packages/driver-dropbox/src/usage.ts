import { type Operation, throwIfAborted, type Usage } from '@filegate/core'
import { z } from 'zod'
import { type Connection, until } from './connection.ts'

const bytes = z.number().nonnegative()

const individual = z.object({ '.tag': z.literal('individual'), allocated: bytes })
const team = z.object({
  '.tag': z.literal('team'),
  used: bytes,
  allocated: bytes,
  /** 0: no share of one's own. */
  user_within_team_space_allocated: bytes.default(0),
})
/** The vendor may think of others. */
const other = z.object({ '.tag': z.string() }).transform(() => ({ '.tag': 'other' as const }))

const answer = z.object({ used: bytes, allocation: z.union([individual, team, other]) })
type Answer = z.output<typeof answer>

/** What an account has, or the team that shares its space with it. */
export async function usageOf({ vendor }: Connection, { signal }: Operation = {}): Promise<Usage> {
  throwIfAborted(signal)
  const { result } = await vendor.api.usersGetSpaceUsage(until(signal))
  const { total, used } = limitsIn(answer.parse(result))
  return { used, ...(total !== undefined && { total, free: Math.max(0, total - used) }) }
}

function limitsIn({ used, allocation }: Answer): { readonly total?: number; readonly used: number } {
  if (allocation['.tag'] === 'other') return { used }
  if (allocation['.tag'] === 'individual') return { total: allocation.allocated, used }
  const own = allocation.user_within_team_space_allocated
  return own > 0 ? { total: own, used } : { total: allocation.allocated, used: allocation.used }
}
