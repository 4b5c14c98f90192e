import type { Transaction } from 'kysely'
import type { Place } from './place.ts'
import type { JournalSchema } from './schema.ts'

/** Gives the entries since the last change of content the digest that was not known when they were made. */
export async function settleDigest(
  database: Transaction<JournalSchema>,
  { line, size }: Place,
  hash: string,
): Promise<void> {
  if (line === null) return
  const known = await database
    .selectFrom('journal_entry')
    .select('id')
    .where('line', '=', line)
    .where((row) => row.or([row('after', 'is not', null), row('size_after', '!=', size)]))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  await database
    .updateTable('journal_entry')
    .set({ after: hash })
    .where('line', '=', line)
    .where('id', '>', known?.id ?? 0)
    .where('after', 'is', null)
    .where('size_after', '=', size)
    .execute()
}
