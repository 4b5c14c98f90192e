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
  /** Grows with every change after which connections have to be made anew, so that another process notices. */
  readonly revision: number
  /** Grows with every token that was renewed. Connections ask for the new one when they need it. */
  readonly renewals: ColumnType<number, never, number>
  /** Who renews its token at the moment, and how often that was affirmed. */
  readonly renewing: string | null
  /** Grows with every change of the files on it that a process makes, where several do. */
  readonly changes: ColumnType<number, never, number>
}

/** A user who was sent to a vendor to allow access, and is expected back. */
export interface AuthorizationTable {
  /** SHA-256 of the state that comes back with the user, in hexadecimal. */
  readonly id: string
  readonly backend: string
  /** As JSON, sealed: the proof key is a secret. */
  readonly sealed: string
  readonly expires_at: number
}

export interface StateSchema {
  readonly backend: BackendTable
  readonly backend_authorization: AuthorizationTable
}
