import { type Kysely, PostgresAdapter, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { JournalOperation } from './entry.ts'

/** One change. Times are Unix milliseconds, sizes bytes, digests SHA-256 in lower-case hexadecimal. */
export interface EntryTable {
  readonly id: number
  readonly ts: number
  readonly op: JournalOperation
  readonly path: string
  readonly seq: number | null
  readonly line: number | null
  readonly shift: number
  /** Of a file that arrived: the history of the path shows what its line has from this number on. Null: all of it. */
  readonly since: number | null
  readonly before: string | null
  readonly after: string | null
  readonly size_before: number | null
  readonly size_after: number | null
  readonly source: string | null
  readonly dest: string | null
  readonly old_mode: number | null
  readonly new_mode: number | null
  readonly old_uid: number | null
  readonly new_uid: number | null
  readonly old_gid: number | null
  readonly new_gid: number | null
  readonly reason: string | null
  /** Of a file that is gone: when it was modified last. */
  readonly modified: number | null
}

/** What stood at a path when it was last looked at. A path that is `gone` keeps its numbers. */
export interface PlaceTable {
  readonly path: string
  readonly parent: string
  readonly kind: 'file' | 'directory' | 'link' | 'gone'
  readonly size: number | null
  readonly modified: number | null
  /** Device and inode, and what else tells whether the file is still the same. */
  readonly inode: string | null
  readonly etag: string | null
  readonly mode: number | null
  readonly uid: number | null
  readonly gid: number | null
  readonly hash: string | null
  /** The last number that was given at this path. */
  readonly seq: number
  readonly line: number | null
  /** How many entries the present line has up to here. */
  readonly line_length: number
  /** How many entries the history of the path shows. */
  readonly revisions: number
}

/** Content that is kept. */
export interface ContentTable {
  readonly hash: string
  readonly size: number
}

/** What else has to be remembered: `next_id`, `alive_at`, `pruned_before`. */
export interface FactTable {
  readonly name: string
  readonly value: string
}

export interface JournalSchema {
  readonly journal_entry: EntryTable
  readonly journal_place: PlaceTable
  readonly journal_content: ContentTable
  readonly journal_fact: FactTable
}

/** Text that is compared by its bytes in UTF-8, which PostgreSQL leaves to the language of the machine. */
function bytewise(database: Kysely<unknown>) {
  return database.getExecutor().adapter instanceof PostgresAdapter ? sql`text collate "C"` : sql`text`
}

/** One member a change of the schema, applied in the order of the names. What was released is never edited. */
export const journalMigrations: Readonly<Record<string, Migration>> = {
  '0001-journal': {
    async up(database: Kysely<unknown>) {
      const { schema } = database
      const text = bytewise(database)
      await schema
        .createTable('journal_entry')
        .addColumn('id', 'bigint', (column) => column.primaryKey())
        .addColumn('ts', 'bigint', (column) => column.notNull())
        .addColumn('op', 'text', (column) => column.notNull())
        .addColumn('path', text, (column) => column.notNull())
        .addColumn('seq', 'bigint')
        .addColumn('line', 'bigint')
        .addColumn('shift', 'bigint', (column) => column.notNull())
        .addColumn('before', 'text')
        .addColumn('after', text)
        .addColumn('size_before', 'bigint')
        .addColumn('size_after', 'bigint')
        .addColumn('source', 'text')
        .addColumn('dest', 'text')
        .addColumn('old_mode', 'integer')
        .addColumn('new_mode', 'integer')
        .addColumn('old_uid', 'bigint')
        .addColumn('new_uid', 'bigint')
        .addColumn('old_gid', 'bigint')
        .addColumn('new_gid', 'bigint')
        .addColumn('reason', 'text')
        .execute()
      await schema
        .createTable('journal_place')
        .addColumn('path', text, (column) => column.primaryKey())
        .addColumn('parent', text, (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('size', 'bigint')
        .addColumn('modified', 'double precision')
        .addColumn('inode', 'text')
        .addColumn('etag', 'text')
        .addColumn('mode', 'integer')
        .addColumn('uid', 'bigint')
        .addColumn('gid', 'bigint')
        .addColumn('hash', text)
        .addColumn('seq', 'bigint', (column) => column.notNull())
        .addColumn('line', 'bigint')
        .addColumn('line_length', 'integer', (column) => column.notNull())
        .addColumn('revisions', 'integer', (column) => column.notNull())
        .execute()
      await schema
        .createTable('journal_content')
        .addColumn('hash', text, (column) => column.primaryKey())
        .addColumn('size', 'bigint', (column) => column.notNull())
        .execute()
      await schema
        .createTable('journal_fact')
        .addColumn('name', text, (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute()
      await sql`insert into journal_fact (name, value) values ('next_id', '1')`.execute(database)
      for (const [name, columns] of Object.entries(indexes)) {
        const [table = 'journal_entry', ...rest] = columns
        await schema.createIndex(name).on(table).columns(rest).execute()
      }
    },
  },
  '0002-long-histories': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createIndex('journal_entry_by_number')
        .on('journal_entry')
        .columns(['path', 'seq'])
        .execute()
      // Few files are moved, so that this stays small.
      await sql`create index journal_entry_arrivals on journal_entry (path, id) where op = 'moved_to'`.execute(database)
    },
  },
  '0003-moved-lines': {
    async up(database: Kysely<unknown>) {
      await sql`create index journal_entry_moved on journal_entry (line) where op = 'moved_to'`.execute(database)
    },
  },
  '0004-numbers-of-arrivals': {
    async up(database: Kysely<unknown>) {
      await database.schema.alterTable('journal_entry').addColumn('since', 'bigint').execute()
    },
  },
  '0005-times-of-the-deleted': {
    async up(database: Kysely<unknown>) {
      await database.schema.alterTable('journal_entry').addColumn('modified', 'double precision').execute()
    },
  },
}

/** The table, then its columns. */
const indexes: Readonly<Record<string, readonly string[]>> = {
  journal_entry_by_path: ['journal_entry', 'path', 'id'],
  journal_entry_by_line: ['journal_entry', 'line', 'id'],
  journal_entry_by_content: ['journal_entry', 'after'],
  journal_entry_by_time: ['journal_entry', 'ts'],
  journal_place_by_content: ['journal_place', 'hash'],
  journal_place_by_parent: ['journal_place', 'parent', 'path'],
}
