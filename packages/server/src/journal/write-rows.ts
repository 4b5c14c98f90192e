import type { Transaction } from 'kysely'
import type { Place } from './place.ts'
import type { EntryTable, JournalSchema } from './schema.ts'

type Writing = Transaction<JournalSchema>

/** Rows that go to the database in one statement. */
const together = 50

function* parts<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let first = 0; first < rows.length; first += together) yield rows.slice(first, first + together)
}

export async function writeContents(database: Writing, sizes: ReadonlyMap<string, number>): Promise<void> {
  const rows = Array.from(sizes, ([hash, size]) => ({ hash, size }))
  for (const some of parts(rows)) {
    await database
      .insertInto('journal_content')
      .values(some)
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .execute()
  }
}

export async function writeEntries(database: Writing, rows: readonly EntryTable[]): Promise<void> {
  for (const some of parts(rows)) await database.insertInto('journal_entry').values(some).execute()
}

export async function writePlaces(database: Writing, rows: readonly Place[]): Promise<void> {
  for (const some of parts(rows)) {
    await database
      .insertInto('journal_place')
      .values(some)
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
