import type { Kysely } from 'kysely'
import { migrations } from './migrations.ts'
import { openDatabase } from './open-database.ts'
import type { StateSchema } from './schema.ts'

export type StateDatabase = Kysely<StateSchema>

/**
 * Opens the state of the server in its data folder and brings its schema up to date. Several processes may open it at once.
 * @throws Error naming the file when it is damaged or was written by a newer version.
 */
export const openState = (dataDirectory: string): Promise<StateDatabase> =>
  openDatabase({ directory: dataDirectory, name: 'state', migrations })
