import { setImmediate } from 'node:timers/promises'
import { sql, type Transaction } from 'kysely'
import { sumContents } from './count-all.ts'
import { endings } from './entry.ts'
import type { JournalStore } from './journal-store.ts'
import { recount } from './recount.ts'
import type { JournalSchema } from './schema.ts'
import { takeTurn } from './take-turn.ts'

type Writing = Transaction<JournalSchema>

/** Rows that are looked at in one transaction: it takes some milliseconds, and others get their turn in between. */
const together = 500

/** Goes through rows a part at a time. `work` gives where the next part begins, or nothing at the end. */
async function inParts<Cursor>(
  store: JournalStore,
  start: Cursor,
  work: (database: Writing, cursor: Cursor) => Promise<Cursor | undefined>,
): Promise<void> {
  for (let cursor: Cursor | undefined = start; cursor !== undefined; ) {
    const from: Cursor = cursor
    cursor = await store.change((database) =>
      database.transaction().execute(async (transaction) => {
        await takeTurn(transaction)
        return work(transaction, from)
      }),
    )
    await setImmediate()
  }
}

/**
 * Removes what was superseded before that time, and what ended before it. The last entry before that time stays for each
 * path at which something stood then, so that everything since can be told.
 */
export async function removeByAge(store: JournalStore, before: number): Promise<void> {
  await inParts(store, { ts: 0, id: 0 }, async (database, cursor) => {
    const rows = await database
      .selectFrom('journal_entry as old')
      .select((row) => [
        'old.id',
        'old.ts',
        'old.op',
        row
          .selectFrom('journal_entry as newer')
          .select('newer.id')
          .whereRef('newer.path', '=', 'old.path')
          .whereRef('newer.id', '>', 'old.id')
          .where('newer.ts', '<=', before)
          .limit(1)
          .as('superseded_by'),
      ])
      // By time, so that what is young enough is not looked at.
      .where('old.ts', '>=', cursor.ts)
      .where('old.ts', '<', before)
      .where((row) => row.or([row('old.ts', '>', cursor.ts), row('old.id', '>', cursor.id)]))
      .orderBy('old.ts')
      .orderBy('old.id')
      .limit(together)
      .execute()
    const over = rows.filter(({ op, superseded_by }) => superseded_by !== null || op === 'gap' || endings.has(op))
    await removeEntries(
      database,
      over.map(({ id }) => id),
    )
    return rows.at(-1)
  })
  await store.change(async (database) => {
    const known = await database
      .selectFrom('journal_fact')
      .select('value')
      .where('name', '=', 'pruned_before')
      .executeTakeFirst()
    // What was forgotten stays so, also when the clock was set back since.
    const value = String(Math.max(before, Number(known?.value ?? before)))
    await database
      .insertInto('journal_fact')
      .values({ name: 'pruned_before', value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  })
}

/** Keeps the last entries of each path. */
export async function removeByRevisions(store: JournalStore, most: number): Promise<void> {
  await inParts(store, '', async (database, cursor) => {
    const places = await database
      .selectFrom('journal_place')
      .select(['path', 'seq'])
      .where('path', '>', cursor)
      .orderBy('path')
      .limit(together)
      .execute()
    let last = cursor
    for (const { path, seq } of places) {
      if (seq <= most) {
        last = path
        continue
      }
      const rows = await database
        .selectFrom('journal_entry')
        .select('id')
        .where('path', '=', path)
        .where('seq', 'is not', null)
        .orderBy('id', 'desc')
        .offset(most)
        .limit(together)
        .execute()
      await removeEntries(
        database,
        rows.map(({ id }) => id),
      )
      // There may be more of it: it is looked at again.
      if (rows.length === together) return last
      last = path
    }
    return places.at(-1)?.path
  })
}

/** Contents go, the oldest first: those of earlier states, and in the end those of files that stand there unchanged. */
export async function removeBySize(store: JournalStore, most: number): Promise<void> {
  let excess = (await sumContents(store.reading)).bytes - most
  for (const isStanding of [false, true]) {
    await inParts(store, 0, async (database, cursor) => {
      if (excess <= 0) return undefined
      const { rows } = await sql<{ id: number; hash: string; size: number; standing: number; last: number }>`
        select e.id as id, c.hash as hash, c.size as size,
          (select count(*) from journal_place p where p.hash = c.hash) as standing,
          (select max(x.id) from journal_entry x where x.after = c.hash) as last
        from journal_entry e join journal_content c on c.hash = e.after
        where e.id > ${cursor} order by e.id limit ${together}`.execute(database)
      for (const { id, hash, size, standing, last } of rows) {
        if (excess <= 0 || last !== id || standing > 0 !== isStanding) continue
        await database.deleteFrom('journal_content').where('hash', '=', hash).execute()
        excess -= size
      }
      return rows.at(-1)?.id
    })
  }
}

async function removeEntries(database: Writing, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  const touched = await database
    .selectFrom('journal_entry')
    .select(['path', 'line', 'seq', 'op', 'after'])
    .where('id', 'in', ids)
    .execute()
  await database.deleteFrom('journal_entry').where('id', 'in', ids).execute()
  await recount(database, touched)
  for (const hash of new Set(touched.flatMap(({ after }) => after ?? []))) {
    await sql`
      delete from journal_content
      where hash = ${hash} and not exists (select 1 from journal_entry e where e.after = ${hash})`.execute(database)
  }
}
