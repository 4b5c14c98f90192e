import type { Kysely } from 'kysely'
import { migrations } from './migrations.ts'
import { openDatabase } from './open-database.ts'
import type { StateSchema } from './schema.ts'

export type StateDatabase = Kysely<StateSchema>

export interface StatePlace {
  readonly dataDirectory: string
  /** Of a PostgreSQL that holds the state in place of the folder. */
  readonly databaseUrl?: string | undefined
}

/**
 * Opens the state of the server and brings its schema up to date. Several processes may open it at once.
 * @throws Error naming the file, or the database, when it is damaged, was written by a newer version, or does not answer.
 */
export const openState = ({ dataDirectory, databaseUrl }: StatePlace): Promise<StateDatabase> =>
  openDatabase({
    directory: dataDirectory,
    name: 'state',
    migrations,
    postgres: databaseUrl === undefined ? undefined : { url: databaseUrl, schema: 'filegate' },
  })
