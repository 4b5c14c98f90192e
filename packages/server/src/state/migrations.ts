import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** One entry a change of the schema, applied in the order of the names. What was released is never edited. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-backends': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('backend')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('provider', 'text', (column) => column.notNull())
        .addColumn('owner', 'text')
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('sealed_options', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('last_used', 'bigint')
        .addColumn('revision', 'integer', (column) => column.notNull())
        .execute()
    },
  },
  '0002-changes-on-backends': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .alterTable('backend')
        .addColumn('changes', 'bigint', (column) => column.notNull().defaultTo(0))
        .execute()
    },
  },
  '0003-oauth': {
    async up(database: Kysely<unknown>) {
      const { schema } = database
      // One column a statement: SQLite takes no more.
      await schema
        .alterTable('backend')
        .addColumn('renewals', 'integer', (column) => column.notNull().defaultTo(0))
        .execute()
      await schema.alterTable('backend').addColumn('renewing', 'text').execute()
      await schema
        .createTable('backend_authorization')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('backend', 'text', (column) => column.notNull())
        .addColumn('sealed', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
}
