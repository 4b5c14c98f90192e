import { type CompiledQuery, type RawBuilder, sql, type Transaction } from 'kysely'
import type { Place } from './place.ts'
import type { ContentTable, EntryTable, JournalSchema } from './schema.ts'

type Writing = Transaction<JournalSchema>
type WriteRows<Row> = (database: Writing, rows: readonly Row[]) => Promise<void>

/** Rows that go to the database in one statement: few different numbers, so that there are few different statements. */
const together = [64, 16, 4, 1] as const

interface Inserting<Row> {
  readonly table: keyof JournalSchema
  readonly columns: readonly (keyof Row & string)[]
  /** What happens to rows that are there already. */
  readonly onConflict: RawBuilder<unknown>
}

/** The statements are made once for each language of databases: making one takes longer than running it. */
function rowWriter<Row>(inserting: Inserting<Row>): WriteRows<Row> {
  const { columns } = inserting
  const compiled = new WeakMap<object, Map<number, CompiledQuery>>()

  function statementFor(database: Writing, rows: readonly Row[]): CompiledQuery {
    const { adapter } = database.getExecutor()
    const known = compiled.get(adapter) ?? new Map<number, CompiledQuery>()
    const statement = known.get(rows.length) ?? insertOf(inserting, rows).compile(database)
    compiled.set(adapter, known.set(rows.length, statement))
    return statement
  }
  return async (database, rows) => {
    for (let first = 0; first < rows.length; ) {
      const rest = rows.length - first
      const some = rows.slice(first, first + (together.find((count) => count <= rest) ?? 1))
      const parameters = some.flatMap((row) => columns.map((column) => row[column]))
      await database.executeQuery({ ...statementFor(database, some), parameters })
      first += some.length
    }
  }
}

function insertOf<Row>({ table, columns, onConflict }: Inserting<Row>, rows: readonly Row[]): RawBuilder<unknown> {
  const names = sql.join(columns.map((column) => sql.ref(column)))
  const values = sql.join(rows.map((row) => sql`(${sql.join(columns.map((column) => sql`${row[column]}`))})`))
  return sql`insert into ${sql.table(table)} (${names}) values ${values} ${onConflict}`
}

const fixed = ['path', 'parent'] as const
const changing = [
  ...(['kind', 'size', 'modified', 'inode', 'etag', 'mode', 'uid', 'gid'] as const),
  ...(['hash', 'seq', 'line', 'line_length', 'revisions'] as const),
] as const
const replaced = changing.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`)

export const writePlaces: WriteRows<Place> = rowWriter({
  table: 'journal_place',
  columns: [...fixed, ...changing],
  onConflict: sql`on conflict (path) do update set ${sql.join(replaced)}`,
})

export const writeEntries: WriteRows<EntryTable> = rowWriter({
  table: 'journal_entry',
  columns: [
    ...([
      'id',
      'ts',
      'op',
      'path',
      'seq',
      'line',
      'shift',
      'since',
      'before',
      'after',
      'size_before',
      'size_after',
    ] as const),
    ...([
      'source',
      'dest',
      'old_mode',
      'new_mode',
      'old_uid',
      'new_uid',
      'old_gid',
      'new_gid',
      'reason',
      'modified',
    ] as const),
  ],
  onConflict: sql``,
})

export const writeContents: WriteRows<ContentTable> = rowWriter({
  table: 'journal_content',
  columns: ['hash', 'size'],
  onConflict: sql`on conflict (hash) do nothing`,
})
