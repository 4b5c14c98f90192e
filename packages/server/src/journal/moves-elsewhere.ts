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
/** So often may whoever is at a move miss to say so again; then nobody waits for it any more: it died. */
const mostMissed = 8
/** Milliseconds. */
const lookEvery = 50
/** Of the time between two looks. Where we stood still for longer, so may have whoever is at the move. */
const mostCounted = 2 * lookEvery

/** `at` only has to be another one each time: clocks of several machines need not agree, and may be set. */
const noted = z.object({ at: z.number(), places: z.array(z.string()) })

interface Heard {
  readonly value: string
  /** Milliseconds that were counted since it was another value. */
  readonly silent: number
  /** When it was looked at, by our own monotonic clock. */
  readonly at: number
}

export interface MovesElsewhereParts {
  readonly store: Pick<JournalStore, 'change' | 'reading'>
  readonly report: (error: unknown) => void
  /** Milliseconds after which whoever is at a move says so again. */
  readonly sayEvery?: number | undefined
}

export function createMovesElsewhere({ store, report, sayEvery = 1000 }: MovesElsewhereParts): MovesElsewhere {
  const own = new Set<string>()
  const heard = new Map<string, Heard>()

  /** Whether somebody who lives is at a move that concerns these paths. */
  async function isRunning(paths: readonly StoragePath[]): Promise<boolean> {
    const rows = await store.reading
      .selectFrom('journal_fact')
      .selectAll()
      .where('name', 'like', `${prefix}%`)
      .execute()
    const now = performance.now()
    const names = new Set(rows.map(({ name }) => name))
    for (const name of heard.keys()) if (!names.has(name)) heard.delete(name)
    let isFound = false
    for (const { name, value } of rows) {
      if (own.has(name)) continue
      const before = heard.get(name)
      const silent = before?.value === value ? before.silent + Math.min(now - before.at, mostCounted) : 0
      if (silent > mostMissed * sayEvery) {
        await remove(name)
        continue
      }
      heard.set(name, { value, silent, at: now })
      const { places } = noted.parse(JSON.parse(value))
      isFound ||= places.some((place) => paths.some((path) => isWithin(path, parsePath(place))))
    }
    return isFound
  }

  const remove = (name: string): Promise<unknown> =>
    store.change((database) => database.deleteFrom('journal_fact').where('name', '=', name).execute())

  return {
    async begin(places) {
      const name = prefix + randomUUID()
      own.add(name)
      const value = (): string => JSON.stringify({ at: Date.now(), places })
      await store.change((database) => database.insertInto('journal_fact').values({ name, value: value() }).execute())
      const timer = setInterval(() => {
        const update = store.change((database) =>
          database.updateTable('journal_fact').set({ value: value() }).where('name', '=', name).execute(),
        )
        update.catch(report)
      }, sayEvery).unref()
      return async () => {
        clearInterval(timer)
        own.delete(name)
        // The move itself is over and entered, and nobody waits for long for who says nothing more.
        await remove(name).catch(report)
      }
    },
    async over(paths) {
      while (await isRunning(paths)) await sleep(lookEvery)
    },
  }
}
