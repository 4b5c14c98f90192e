import type { Transaction } from 'kysely'
import type { JournalOperation } from './entry.ts'
import { byOthers } from './follow.ts'
import type { Observation } from './observation.ts'
import type { JournalSchema } from './schema.ts'

/** What a change that was seen only may have been. */
const more: Partial<Record<JournalOperation, readonly JournalOperation[]>> = {
  create: ['copied_to', 'append'],
  write: ['append', 'copied_to'],
  mkdir: ['dir_copied_to'],
}
const seenOnly: ReadonlySet<JournalOperation> = new Set(['create', 'write', 'mkdir', 'touch', 'chmod', 'chown'])

/**
 * A request of ours finds that somebody who saw what it did has entered that already, as the doing of another program: the entry is
 * told what it was. False when there is none.
 */
export async function amend(
  database: Transaction<JournalSchema>,
  { path, op, source, began }: Observation,
): Promise<boolean> {
  if (began === undefined) return false
  const last = await database
    .selectFrom('journal_entry')
    .select(['id', 'op', 'ts', 'reason'])
    .where('path', '=', path)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!last || last.reason !== byOthers || last.ts < began || !seenOnly.has(last.op)) return false
  // A touch is one of its own beside whatever else was changed.
  if (op === 'touch' && last.op !== 'touch') return false
  const known = op !== undefined && more[last.op]?.includes(op) ? op : last.op
  await database
    .updateTable('journal_entry')
    .set({ op: known, source: source ?? null, reason: null })
    .where('id', '=', last.id)
    .execute()
  return true
}
