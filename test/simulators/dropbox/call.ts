import type { IncomingHttpHeaders } from 'node:http'
import type { Account } from './accounts.ts'
import type { State } from './state.ts'

/** One call of a route, its caller known and allowed. */
export interface Call {
  readonly state: State
  /** Whose Dropbox it is about. A route of a team, or of nobody, has none. */
  readonly account: Account | undefined
  /** The folder that paths start in. */
  readonly base: string
  /** What came in the body of an upload. */
  readonly content: Buffer
  readonly headers: IncomingHttpHeaders
  /** Whether this call is to meet others that write at the same time. */
  readonly contention: boolean
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
}

/** What a download-style route answers. */
export interface Download {
  readonly bytes: Uint8Array
  /** For the header Dropbox-API-Result. */
  readonly result: unknown
  readonly rev: string | undefined
  /** Whether a part may be asked for. */
  readonly hasRanges: boolean
}
