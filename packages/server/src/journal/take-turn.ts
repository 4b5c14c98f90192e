import type { Transaction } from 'kysely'
import type { JournalSchema } from './schema.ts'

/** Waits until no other process writes to the journal, and keeps them waiting until the transaction ends. Gives the next id. */
export async function takeTurn(database: Transaction<JournalSchema>): Promise<number> {
  const turn = await database
    .updateTable('journal_fact')
    .set((fact) => ({ value: fact.ref('value') }))
    .where('name', '=', 'next_id')
    .returning('value')
    .executeTakeFirst()
  return Number(turn?.value ?? 1)
}
