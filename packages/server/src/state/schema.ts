import type { ColumnType } from 'kysely'

/** Times are Unix milliseconds. */
export interface BackendTable {
  /** `bck_` or another prefix of its category, and 16 hexadecimal digits. */
  readonly id: string
  readonly provider: string
  /** Who connected it; null when the server has no accounts. */
  readonly owner: string | null
  readonly status: 'connected' | 'pending' | 'reauthorize'
  /** The options as JSON, sealed: any of them may be a secret. */
  readonly sealed_options: string
  readonly created_at: ColumnType<number, number, never>
  readonly last_used: number | null
  /** Grows with every change of the row, so that another process notices. */
  readonly revision: number
  /** Grows with every change of the files on it that a process makes, where several do. */
  readonly changes: ColumnType<number, never, number>
}

export interface StateSchema {
  readonly backend: BackendTable
}
