import type { Selectable, Updateable } from 'kysely'
import type { StateDatabase } from '../state/database.ts'
import type { BackendTable } from '../state/schema.ts'
import { seal, SealError, unseal } from '../state/sealing.ts'
import type { SecretKey } from '../state/secret-key.ts'
import { backendNotFound, sealedWithAnotherKey } from './backend-errors.ts'

export type GivenOptions = Readonly<Record<string, unknown>>

/** A row without the options. */
export type BackendRow = Omit<BackendTable, 'created_at' | 'changes' | 'renewals'> & {
  readonly created_at: number
  readonly renewals: number
}

/** A row as it was found, and as it is replaced only while it is still so. */
export type PlaceInTable = Pick<BackendRow, 'id' | 'provider' | 'revision' | 'renewals'>

export interface NewBackend {
  readonly id: string
  readonly provider: string
  readonly owner: string | null
  readonly options: GivenOptions
  readonly status: BackendRow['status']
}

export type StateOfBackend = Pick<Selectable<BackendTable>, 'revision' | 'changes' | 'status'>

/** The backends in the state database, their options sealed: all of them, since any may be a secret. */
export interface BackendStore {
  /** In the order in which they were connected. */
  all(): Promise<readonly BackendRow[]>
  find(id: string): Promise<BackendRow | undefined>
  /** Without reading the rest: asked for with every request. */
  stateOf(id: string): Promise<StateOfBackend | undefined>
  /** @throws StorageError `Unavailable` when they were sealed with another key */
  optionsOf(row: BackendRow): GivenOptions
  /** Gives the revision. */
  insert(backend: NewBackend): Promise<number>
  /** Gives the new revision; undefined when the row is gone, or no longer as it was found. */
  replaceOptions(row: PlaceInTable, options: GivenOptions, status?: BackendRow['status']): Promise<number | undefined>
  /** Keeps options with a token that was renewed: connections stay. Whether the row was still as it was found. */
  renewOptions(row: PlaceInTable, options: GivenOptions): Promise<boolean>
  /** Changes the status from `was`, unless the row is no longer as it was found. */
  mark(row: PlaceInTable, was: BackendRow['status'], status: BackendRow['status']): Promise<void>
  /** Whether it was there. */
  remove(id: string): Promise<boolean>
  /** Notes that files on it were changed. Gives how often that was; undefined when the row is gone. */
  changed(id: string): Promise<number | undefined>
  /** Times are Unix milliseconds. */
  used(id: string, at: number): Promise<void>
}

const firstRevision = 1

/** Sealed options open only in the row they were sealed for, and for that provider only. */
const placeOf = ({ id, provider }: Pick<BackendRow, 'id' | 'provider'>): string => `backend/${id}/${provider}`

export function createBackendStore(database: StateDatabase, key: SecretKey): BackendStore {
  const sealed = (place: Pick<BackendRow, 'id' | 'provider'>, options: GivenOptions): string =>
    seal(key, placeOf(place), JSON.stringify(options))
  // Made once, as making it takes longer than the answer.
  const state = database.selectFrom('backend').select(['revision', 'changes', 'status']).where('id', '=', '').compile()
  return {
    all: () => database.selectFrom('backend').selectAll().orderBy('created_at').orderBy('id').execute(),
    find: (id) => database.selectFrom('backend').selectAll().where('id', '=', id).executeTakeFirst(),
    async stateOf(id) {
      const { rows } = await database.executeQuery<StateOfBackend>({ ...state, parameters: [id] })
      return rows[0]
    },
    optionsOf: (row) => openOptions(key, row),
    async insert({ id, provider, owner, options, status }) {
      const values = { id, provider, owner, status, last_used: null, revision: firstRevision }
      const row = { ...values, sealed_options: sealed(values, options), created_at: Date.now() }
      await database.insertInto('backend').values(row).execute()
      return firstRevision
    },
    async replaceOptions(row, options, status = 'connected') {
      const revision = row.revision + 1
      const changes = { sealed_options: sealed(row, options), revision, status }
      return (await updated(database, row, changes)) ? revision : undefined
    },
    renewOptions: (row, options) =>
      updated(database, row, {
        sealed_options: sealed(row, options),
        renewals: row.renewals + 1,
        status: 'connected',
      }),
    mark: async (row, was, status) => void (await updated(database, row, { status }, was)),
    async remove(id) {
      const { numDeletedRows } = await database.deleteFrom('backend').where('id', '=', id).executeTakeFirst()
      return numDeletedRows > 0n
    },
    async changed(id) {
      const row = await database
        .updateTable('backend')
        .set((row) => ({ changes: row('changes', '+', 1) }))
        .where('id', '=', id)
        .returning('changes')
        .executeTakeFirst()
      return row?.changes
    },
    async used(id, at) {
      await database.updateTable('backend').set({ last_used: at }).where('id', '=', id).execute()
    },
  }
}

/** Changes a row that is still as it was found. Whether it was. */
async function updated(
  database: StateDatabase,
  { id, revision, renewals }: PlaceInTable,
  changes: Updateable<BackendTable>,
  was?: BackendRow['status'],
): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('backend')
    .set(changes)
    .where('id', '=', id)
    .where('revision', '=', revision)
    .where('renewals', '=', renewals)
    .$if(was !== undefined, (query) => query.where('status', '=', was ?? 'connected'))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

function openOptions(key: SecretKey, row: BackendRow): GivenOptions {
  try {
    const options: unknown = JSON.parse(unseal(key, placeOf(row), row.sealed_options))
    if (isRecord(options)) return options
    throw new SealError('A stored secret is damaged.')
  } catch (error) {
    if (error instanceof SealError) throw sealedWithAnotherKey(row.id, error.message)
    throw error
  }
}

const isRecord = (value: unknown): value is GivenOptions =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws StorageError `NotFound` (BACKEND_NOT_FOUND) */
export async function foundRow(store: Pick<BackendStore, 'find'>, id: string): Promise<BackendRow> {
  const row = await store.find(id)
  if (!row) throw backendNotFound(id)
  return row
}
