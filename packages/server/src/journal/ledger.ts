import { setImmediate } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import { type NewEntry, unnumbered } from './entry.ts'
import { newPlace, type Place } from './place.ts'
import type { EntryTable, JournalSchema } from './schema.ts'

/** Rows that go to the database in one statement. */
const together = 50

/** The places and entries of one transaction: what it has read, and what it will write. */
export interface Ledger {
  place(path: string): Promise<Place>
  /** Looks up what is not known yet in one go. */
  load(paths: readonly string[]): Promise<void>
  set(place: Place): void
  /** Everything below a folder that stands there, in the order of the paths, a part at a time. */
  below(folder: string): AsyncIterable<readonly Place[]>
  /** Enters a change, with the next number of its path if it has one, and gives the place as it is then counted. */
  enter(entry: NewEntry, place: Place, line?: LineOfEntry): Place
  /** Enters what is about no file. */
  note(entry: NewEntry): void
  /** Notes that a content is kept. */
  keep(hash: string, size: number): void
  /** Gives the entries of a file that were made without knowing its digest the digest. */
  settle(place: Place, hash: string): Promise<void>
  /** Writes what has gathered. */
  flush(): Promise<void>
}

/** For a file that takes its line with it to another path. */
export interface LineOfEntry {
  readonly line: number | null
  readonly length: number
  /** Where its earlier numbers begin at the new path. */
  readonly shift: number
  /** The last number it had. */
  readonly seq: number
}

/** Begins by taking the turn of writing: numbers follow each other without gaps, in the order in which they become visible. */
export async function openLedger(database: Transaction<JournalSchema>): Promise<Ledger> {
  const turn = await database
    .updateTable('journal_fact')
    .set((fact) => ({ value: fact.ref('value') }))
    .where('name', '=', 'next_id')
    .returning('value')
    .executeTakeFirst()
  let next = Number(turn?.value ?? 1)
  const places = new Map<string, Place>()
  const changed = new Map<string, Place>()
  const kept = new Map<string, number>()
  let entries: EntryTable[] = []

  async function load(paths: readonly string[]): Promise<void> {
    const unknown = paths.filter((path) => !places.has(path))
    if (unknown.length === 0) return
    for (const path of unknown) places.set(path, newPlace(path))
    const rows = await database.selectFrom('journal_place').selectAll().where('path', 'in', unknown).execute()
    for (const row of rows) places.set(row.path, row)
  }

  async function writeKept(): Promise<void> {
    const rows = [...kept].map(([hash, size]) => ({ hash, size }))
    kept.clear()
    for (let first = 0; first < rows.length; first += together) {
      await database
        .insertInto('journal_content')
        .values(rows.slice(first, first + together))
        .onConflict((conflict) => conflict.column('hash').doNothing())
        .execute()
    }
  }

  async function writeEntries(): Promise<void> {
    const rows = entries
    entries = []
    for (let first = 0; first < rows.length; first += together) {
      await database
        .insertInto('journal_entry')
        .values(rows.slice(first, first + together))
        .execute()
    }
  }

  async function writePlaces(): Promise<void> {
    const rows = [...changed.values()]
    changed.clear()
    for (let first = 0; first < rows.length; first += together) {
      await database
        .insertInto('journal_place')
        .values(rows.slice(first, first + together))
        .onConflict((conflict) =>
          conflict.column('path').doUpdateSet((row) => ({
            kind: row.ref('excluded.kind'),
            size: row.ref('excluded.size'),
            modified: row.ref('excluded.modified'),
            inode: row.ref('excluded.inode'),
            etag: row.ref('excluded.etag'),
            mode: row.ref('excluded.mode'),
            uid: row.ref('excluded.uid'),
            gid: row.ref('excluded.gid'),
            hash: row.ref('excluded.hash'),
            seq: row.ref('excluded.seq'),
            line: row.ref('excluded.line'),
            line_length: row.ref('excluded.line_length'),
            revisions: row.ref('excluded.revisions'),
          })),
        )
        .execute()
    }
  }

  const ledger: Ledger = {
    load,
    async place(path) {
      await load([path])
      return places.get(path) ?? newPlace(path)
    },
    set(place) {
      places.set(place.path, place)
      changed.set(place.path, place)
    },
    async *below(folder) {
      // All paths below a folder lie between these two, `0` being the character after the slash.
      let after = `${folder}/`
      const end = `${folder}0`
      for (;;) {
        await ledger.flush()
        const rows = await database
          .selectFrom('journal_place')
          .selectAll()
          .where('path', '>', after)
          .where('path', '<', end)
          .where('kind', '!=', 'gone')
          .orderBy('path')
          .limit(500)
          .execute()
        const last = rows.at(-1)
        if (!last) return
        after = last.path
        yield rows
        // A folder may hold very many: others get their turn on this thread.
        await setImmediate()
      }
    },
    enter(entry, place, moved) {
      const id = next++
      const isNumbered = !unnumbered.has(entry.op)
      const seq = isNumbered ? Math.max(place.seq, moved ? moved.seq + moved.shift : 0) + 1 : place.seq
      const line = isNumbered ? (moved ? moved.line : (place.line ?? id)) : null
      const length = (moved ? moved.length : place.line_length) + (isNumbered ? 1 : 0)
      const numbers = {
        id,
        seq: isNumbered ? seq : null,
        // Who follows the file to its new path finds that it arrived there; that it left is told to those who stay.
        line: entry.op === 'moved_from' ? null : line,
        shift: moved?.shift ?? 0,
      }
      entries.push(entryRow(entry, numbers))
      const revisions = place.revisions + (isNumbered ? 1 : 0) + (moved?.length ?? 0)
      const counted = { ...place, seq, line, line_length: length, revisions }
      ledger.set(counted)
      return counted
    },
    note(entry) {
      entries.push(entryRow(entry, { id: next++, seq: null, line: null, shift: 0 }))
    },
    keep(hash, size) {
      kept.set(hash, size)
    },
    async settle({ line, size }, hash) {
      await ledger.flush()
      if (line === null) return
      const latest = await database
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
        .where('id', '>', latest?.id ?? 0)
        .where('after', 'is', null)
        .where('size_after', '=', size)
        .execute()
    },
    async flush() {
      await writeKept()
      await writeEntries()
      await writePlaces()
      if (places.size > 5000) places.clear()
      await database
        .updateTable('journal_fact')
        .set({ value: String(next) })
        .where('name', '=', 'next_id')
        .execute()
    },
  }
  return ledger
}

function entryRow(
  { old, now, ...entry }: NewEntry,
  numbers: Pick<EntryTable, 'id' | 'seq' | 'line' | 'shift'>,
): EntryTable {
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
