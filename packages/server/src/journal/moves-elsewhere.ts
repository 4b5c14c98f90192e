import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isWithin, parsePath, type StoragePath } from '@filegate/core'
import { z } from 'zod'
import type { JournalStore } from './journal-store.ts'

/**
 * Moves that other processes with the same journal are at. Until one is entered, what a watcher sees of it on disk looks as if
 * everything had gone here, and been made anew there.
 */
export interface MovesElsewhere {
  /** Tells the others. Resolves once they can know; the function that it gives is called when the move is entered, or will not be. */
  begin(places: readonly StoragePath[]): Promise<() => Promise<void>>
  /** Resolves once none of them concerns these paths. */
  over(paths: readonly StoragePath[]): Promise<void>
}

/** For who alone writes to the journal. */
export const noMovesElsewhere: MovesElsewhere = {
  begin: async () => async () => {},
  over: async () => {},
}

const prefix = 'move/'
/** Milliseconds after which nobody waits any more: who was at it may have died. */
const patience = 5 * 60_000
const lookEvery = 50

const noted = z.object({ at: z.number(), places: z.array(z.string()) })

export function createMovesElsewhere(store: Pick<JournalStore, 'change' | 'reading'>): MovesElsewhere {
  const own = new Set<string>()

  async function running(paths: readonly StoragePath[]): Promise<boolean> {
    const rows = await store.reading
      .selectFrom('journal_fact')
      .selectAll()
      .where('name', 'like', `${prefix}%`)
      .execute()
    return rows.some(({ name, value }) => {
      const { at, places } = noted.parse(JSON.parse(value))
      if (own.has(name) || at < Date.now() - patience) return false
      return places.some((place) => paths.some((path) => isWithin(path, parsePath(place))))
    })
  }
  return {
    async begin(places) {
      const name = prefix + randomUUID()
      own.add(name)
      const value = JSON.stringify({ at: Date.now(), places })
      await store.change((database) => database.insertInto('journal_fact').values({ name, value }).execute())
      return async () => {
        own.delete(name)
        await store.change((database) => database.deleteFrom('journal_fact').where('name', '=', name).execute())
      }
    },
    async over(paths) {
      while (await running(paths)) await sleep(lookEvery)
    },
  }
}
