import { setImmediate } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import { type NewEntry, unnumbered } from './entry.ts'
import { entryRow } from './entry-row.ts'
import { newPlace, type Place } from './place.ts'
import type { EntryTable, JournalSchema } from './schema.ts'
import { settleDigest } from './settle-digest.ts'
import { takeTurn } from './take-turn.ts'
import { writeContents, writeEntries, writePlaces } from './write-rows.ts'

/** For a file that takes its line with it to another path. */
export interface LineOfEntry {
  readonly line: number | null
  readonly length: number
  /** Where its earlier numbers begin at the new path. */
  readonly shift: number
  /** The first of these numbers, as they were; null for all. */
  readonly since: number | null
  /** The last number it had. */
  readonly seq: number
  /** Entries of it that the history of the new path shows from now on. */
  readonly shows: number
}

/** Places that are read in one go, which keeps this thread for a few milliseconds, and those that are held in memory. */
const together = 100
const mostHeld = 5000

/** Begins by taking the turn of writing: numbers follow each other without gaps, in the order in which they become visible. */
export async function openLedger(database: Transaction<JournalSchema>): Promise<Ledger> {
  return new Ledger(database, await takeTurn(database))
}

/** The places and entries of one transaction: what it has read, and what it is going to write. A class for what it holds. */
export class Ledger {
  readonly #database: Transaction<JournalSchema>
  readonly #places = new Map<string, Place>()
  readonly #changed = new Map<string, Place>()
  readonly #kept = new Map<string, number>()
  #entries: EntryTable[] = []
  #next: number

  constructor(database: Transaction<JournalSchema>, next: number) {
    this.#database = database
    this.#next = next
  }

  /** Looks up what is not known yet, all together. */
  async load(paths: readonly string[]): Promise<void> {
    const unknown = paths.filter((path) => !this.#places.has(path))
    if (unknown.length === 0) return
    for (const path of unknown) this.#places.set(path, newPlace(path))
    const rows = await this.#database.selectFrom('journal_place').selectAll().where('path', 'in', unknown).execute()
    for (const row of rows) this.#places.set(row.path, row)
  }

  async place(path: string): Promise<Place> {
    await this.load([path])
    return this.#places.get(path) ?? newPlace(path)
  }

  set(place: Place): void {
    this.#places.set(place.path, place)
    this.#changed.set(place.path, place)
  }

  /** Everything below a folder that stands there, in the order of the paths, a part at a time. */
  async *below(folder: string): AsyncGenerator<readonly Place[]> {
    // All paths below a folder lie between these two, `0` being the character after the slash.
    let after = `${folder}/`
    for (;;) {
      await this.flush()
      const rows = await this.#database
        .selectFrom('journal_place')
        .selectAll()
        .where('path', '>', after)
        .where('path', '<', `${folder}0`)
        .where('kind', '!=', 'gone')
        .orderBy('path')
        .limit(together)
        .execute()
      const last = rows.at(-1)
      if (!last) return
      after = last.path
      yield rows
      // A folder may hold very many: others get their turn on this thread.
      await setImmediate()
    }
  }

  /** What happened to a file since it was at a path last: the first number of it, and how many entries. */
  async newAt(path: string, line: number | null): Promise<{ readonly first: number | null; readonly count: number }> {
    if (line === null) return { first: null, count: 0 }
    await this.flush()
    const last = this.#database
      .selectFrom('journal_entry as there')
      .select((row) => row.fn.coalesce(row.fn.max('there.id'), row.lit(0)).as('id'))
      .where('there.line', '=', line)
      .where('there.path', '=', path)
    return this.#database
      .selectFrom('journal_entry')
      .select((row) => [row.fn.min<number | null>('seq').as('first'), row.fn.countAll<number>().as('count')])
      .where('line', '=', line)
      .where('path', '!=', path)
      .where('id', '>', last)
      .executeTakeFirstOrThrow()
  }

  /** Enters a change, with the next number of its path if it has one, and gives the place as it is then counted. */
  enter(entry: NewEntry, place: Place, moved?: LineOfEntry): Place {
    const id = this.#next++
    const isNumbered = !unnumbered.has(entry.op)
    const last = Math.max(place.seq, moved ? moved.seq + moved.shift : 0)
    const seq = isNumbered ? last + 1 : place.seq
    const line = isNumbered ? (moved ? moved.line : (place.line ?? id)) : null
    const counts = isNumbered ? 1 : 0
    // Who follows the file to its new path finds that it arrived there; that it left is told to those who stay.
    const numbers = { id, seq: isNumbered ? seq : null, line: entry.op === 'moved_from' ? null : line }
    this.#entries.push(entryRow(entry, { ...numbers, shift: moved?.shift ?? 0, since: moved?.since ?? null }))
    const counted = {
      ...place,
      seq,
      line,
      line_length: (moved ? moved.length : place.line_length) + counts,
      revisions: place.revisions + counts + (moved?.shows ?? 0),
    }
    this.set(counted)
    return counted
  }

  /** Enters what is about no file. */
  note(entry: NewEntry): void {
    this.#entries.push(entryRow(entry, { id: this.#next++, seq: null, line: null, shift: 0, since: null }))
  }

  /** Notes that a content is kept. */
  keep(hash: string, size: number): void {
    this.#kept.set(hash, size)
  }

  /** Gives the entries of a file that were made without knowing its digest the digest. */
  async settle(place: Place, hash: string): Promise<void> {
    await this.flush()
    await settleDigest(this.#database, place, hash)
  }

  /** Writes what has gathered. */
  async flush(): Promise<void> {
    await writeContents(
      this.#database,
      Array.from(this.#kept, ([hash, size]) => ({ hash, size })),
    )
    await writeEntries(this.#database, this.#entries)
    await writePlaces(this.#database, [...this.#changed.values()])
    this.#kept.clear()
    this.#entries = []
    this.#changed.clear()
    if (this.#places.size > mostHeld) this.#places.clear()
    await this.#database
      .updateTable('journal_fact')
      .set({ value: String(this.#next) })
      .where('name', '=', 'next_id')
      .execute()
  }
}
