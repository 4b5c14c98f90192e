import type { ConnectContext } from '@filegate/core'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BackendStore, foundRow, type GivenOptions, type PlaceInTable } from './backend-store.ts'
import type { RenewalLeases } from './renewal-lease.ts'

type RenewToken = ConnectContext['renewToken']

/** The row that a connection belongs to, as far as the connection knows. */
export type Place = { -readonly [Member in keyof PlaceInTable]: PlaceInTable[Member] }

/** Renews the tokens of stored backends, one process at a time, and keeps them before anybody uses them. */
export interface Renewals {
  /** For the connection at that place. The signal ends the waiting for others, not what was begun. */
  of(place: Place, signal: AbortSignal): RenewToken
  /** Keeps `token`, which came from `kept`, unless somebody put another one in its place meanwhile. */
  keep(id: string, kept: string | undefined, token: string): Promise<void>
  /** Resolves when nothing is under way. */
  over(): Promise<void>
}

/** The token among the options as it is kept: a caller may have given JSON as it is. */
export function tokenOf({ token }: GivenOptions): string | undefined {
  if (token === undefined || token === null || token === '') return undefined
  return typeof token === 'string' ? token : JSON.stringify(token)
}

/** Milliseconds before each further try to store what cannot be had twice. */
const usualPauses: readonly number[] = [100, 400, 1_600, 3_200]

type Store = Pick<BackendStore, 'find' | 'optionsOf' | 'renewOptions'>

export function createRenewals(store: Store, leases: RenewalLeases, pauses = usualPauses): Renewals {
  /** Tokens that a vendor gave out and the database did not take, beside those that they came from. */
  const unsaved = new Map<string, { readonly kept: string | undefined; readonly token: string }>()
  const underWay = new Set<Promise<unknown>>()

  async function keep(id: string, kept: string | undefined, token: string): Promise<void> {
    unsaved.set(id, { kept, token })
    await persistently(pauses, () => stored(store, id, kept, token))
    unsaved.delete(id)
  }
  async function renewed(place: Place, renew: Parameters<RenewToken>[0]): Promise<string> {
    const row = await foundRow(store, place.id)
    place.renewals = row.renewals
    const kept = tokenOf(store.optionsOf(row))
    const waiting = unsaved.get(place.id)
    const token = waiting && waiting.kept === kept ? waiting.token : await renew(kept)
    if (token === kept) return token
    await keep(place.id, kept, token)
    place.renewals = row.renewals + 1
    return token
  }
  return {
    of: (place, signal) => async (renew) => {
      const renewal = leases.alone(place.id, () => renewed(place, renew), signal)
      underWay.add(renewal)
      try {
        return await renewal
      } finally {
        underWay.delete(renewal)
      }
    },
    keep,
    over: async () => void (await Promise.allSettled(underWay)),
  }
}

async function stored(store: Store, id: string, kept: string | undefined, token: string): Promise<void> {
  for (let row = await store.find(id); row; row = await store.find(id)) {
    const options = store.optionsOf(row)
    if (tokenOf(options) !== kept) return
    if (await store.renewOptions(row, { ...options, token })) return
  }
}

async function persistently(pauses: readonly number[], work: () => Promise<void>): Promise<void> {
  for (const pause of pauses) {
    try {
      return await work()
    } catch {
      await sleep(pause)
    }
  }
  return work()
}
