import type { StorageDriver, StoragePath } from '@filegate/core'
import type { Scope } from '../access/scope.ts'
import type { Backends } from '../backends/backends.ts'
import type { Query } from '../http/query.ts'
import type { Incoming } from '../http/read-request.ts'
import type { Reply } from '../http/reply.ts'
import type { Settings } from '../settings.ts'

export const writeMethods = ['PUT', 'POST', 'PATCH', 'DELETE'] as const
export type WriteMethod = (typeof writeMethods)[number]

export interface WritingParts {
  readonly settings: Pick<Settings, 'allow' | 'maxBodySize'>
  readonly backends?: Pick<Backends, 'open'> | undefined
  readonly reply: Reply
}

/** Somewhere on a backend, for one caller. */
export interface Place {
  readonly backend: string
  /** In its one spelling: rights are decided on it. */
  readonly path: StoragePath
  /** What the caller may do on that backend. */
  readonly scope: Scope
}

/** One request to change something on a backend. Its body has not been touched. */
export interface Writing {
  readonly parts: WritingParts
  readonly incoming: Incoming
  readonly query: Query
  readonly place: Place
  /** Whether the path of the URL ended in a slash. */
  readonly trailingSlash: boolean
  /** What the same caller may do on another backend. */
  readonly scopeOn: (backend: string) => Scope
  open(backend: string): Promise<StorageDriver>
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal
}

/** One thing that can be done. It is started only when the caller has the right to it and the features are on. */
export interface Operation {
  readonly features: readonly ('upload' | 'delete')[]
  /** What the caller needs: `write` on the path itself, or `read` or `write` on all that it holds as well. */
  readonly right: 'write' | 'write-all' | 'read-all'
  run(writing: Writing): Promise<Response>
}
