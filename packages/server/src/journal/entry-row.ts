import { parsePath } from '@filegate/core'
import type { Selectable } from 'kysely'
import type { JournalEntry, NewEntry } from './entry.ts'
import type { EntryTable } from './schema.ts'

type Numbers = Pick<EntryTable, 'id' | 'seq' | 'line' | 'shift' | 'since'>

/** An entry as it is written. */
export function entryRow({ old, now, ...entry }: NewEntry, numbers: Numbers): EntryTable {
  return {
    ...entry,
    ...numbers,
    old_mode: old?.mode ?? null,
    new_mode: now?.mode ?? null,
    old_uid: old?.uid ?? null,
    new_uid: now?.uid ?? null,
    old_gid: old?.gid ?? null,
    new_gid: now?.gid ?? null,
  }
}

/** An entry as it is read, with its number as it is counted where the history is looked at. */
export function entryFrom(row: Selectable<EntryTable>, shift = 0): JournalEntry {
  const { old_mode, new_mode, old_uid, new_uid, old_gid, new_gid, since: _, ...rest } = row
  return {
    ...rest,
    path: parsePath(row.path),
    seq: row.seq === null ? null : row.seq + shift,
    source: row.source === null ? null : parsePath(row.source),
    dest: row.dest === null ? null : parsePath(row.dest),
    old: { mode: old_mode, uid: old_uid, gid: old_gid },
    now: { mode: new_mode, uid: new_uid, gid: new_gid },
  }
}
