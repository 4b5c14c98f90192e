import type { Transaction } from 'kysely'
import { amend } from './amend.ts'
import { type NewEntry, unnumbered } from './entry.ts'
import { entryRow } from './entry-row.ts'
import type { Observation } from './observation.ts'
import { newPlace, type Place } from './place.ts'
import { readRemainders, type Remainder, removeRemainder, writeRemainder } from './remainder.ts'
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

/** Places that are held in memory. */
const mostHeld = 5000

interface StandingOptions {
  readonly folder: string
  /** Only what comes after this path. */
  readonly after: string
  /** Only what has no entry of its own with this id, or a greater one. */
  readonly before: number
  readonly limit: number
}

/** Begins by taking the turn of writing: numbers follow each other without gaps, in the order in which they become visible. */
export async function openLedger(database: Transaction<JournalSchema>): Promise<Ledger> {
  const next = await takeTurn(database)
  return new Ledger(database, next, await readRemainders(database))
}

/** The places and entries of one transaction: what it has read, and what it is going to write. A class for what it holds. */
export class Ledger {
  readonly #database: Transaction<JournalSchema>
  readonly #places = new Map<string, Place>()
  readonly #changed = new Map<string, Place>()
  readonly #kept = new Map<string, number>()
  #entries: EntryTable[] = []
  #next: number
  #remainders: readonly Remainder[]

  constructor(database: Transaction<JournalSchema>, next: number, remainders: readonly Remainder[]) {
    this.#database = database
    this.#next = next
    this.#remainders = remainders
  }

  /** The id that the next entry gets. */
  get next(): number {
    return this.#next
  }

  /** What is left to tell of changes of whole folders, the oldest first. */
  get remainders(): readonly Remainder[] {
    return this.#remainders
  }

  /** Of a folder everything up to a path is told now; undefined: all of it. */
  async goOn(remainder: Remainder, after: string | undefined): Promise<void> {
    const isKnown = this.#remainders.some(({ id }) => id === remainder.id)
    const others = this.#remainders.filter(({ id }) => id !== remainder.id)
    if (after === undefined) {
      this.#remainders = others
      if (isKnown) await removeRemainder(this.#database, remainder)
      return
    }
    const left = { ...remainder, after }
    this.#remainders = [...others, left].toSorted((one, other) => one.id - other.id)
    await writeRemainder(this.#database, left)
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

  /** What is known to stand below a folder, in the order of the paths: those above come first. */
  async standing({ folder, after, before, limit }: StandingOptions): Promise<readonly Place[]> {
    await this.flush()
    // All paths below a folder lie between the slash and `0`, which is the character after it.
    return this.#unchangedSince(before)
      .where('path', '>', after)
      .where('path', '<', `${folder}0`)
      .orderBy('path')
      .limit(limit)
      .execute()
  }

  /** Those of the paths at which something stands that has no entry of its own with this id, or a greater one. */
  async standingOf(paths: readonly string[], before: number): Promise<readonly Place[]> {
    await this.flush()
    return this.#unchangedSince(before).where('path', 'in', paths).orderBy('path').execute()
  }

  #unchangedSince(id: number) {
    return this.#database
      .selectFrom('journal_place')
      .selectAll()
      .where('kind', '!=', 'gone')
      .where((row) =>
        row.not(
          row.exists(
            row
              .selectFrom('journal_entry')
              .select('journal_entry.id')
              .whereRef('journal_entry.path', '=', 'journal_place.path')
              .where('journal_entry.id', '>=', id),
          ),
        ),
      )
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

  /** Whether somebody has entered what a request of ours did: then the entry says so from now on. */
  async amend(seen: Observation): Promise<boolean> {
    await this.flush()
    return amend(this.#database, seen)
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
