import type { LocalChanges, StorageDriver, StoragePath } from '@filegate/core'
import type { Rights } from '../access/rights.ts'
import type { Scope } from '../access/scope.ts'
import type { Backends } from '../backends/backends.ts'
import type { Query } from '../http/query.ts'
import type { Incoming } from '../http/read-request.ts'
import type { Reply } from '../http/reply.ts'
import type { Settings } from '../settings.ts'
import type { CallersTrash } from '../trash/callers-trash.ts'
import type { Surface } from '../views/view.ts'

export const writeMethods = ['PUT', 'POST', 'PATCH', 'DELETE'] as const
export const davMethods = ['MKCOL', 'COPY', 'MOVE'] as const
export type WriteMethod = (typeof writeMethods)[number]

export interface WritingParts {
  readonly settings: Pick<Settings, 'allow' | 'maxBodySize'>
  readonly backends?: Pick<Backends, 'open'> | undefined
  /** The served folder, as it is. */
  readonly storage: StorageDriver
  readonly reply: Reply
}

/** The served folder, among the backends. No backend has this identifier. */
export const served = 'local'

/** Somewhere on a backend or in the served folder, for one caller. */
export interface Place {
  readonly backend: string
  /** In its one spelling: rights are decided on it. */
  readonly path: StoragePath
  /** What the caller may do on that backend. */
  readonly scope: Scope
  /** In the served folder: where that really is, without links on the way, and what the caller may do there. */
  readonly real?: { readonly path: StoragePath; readonly rights: Pick<Rights, 'level' | 'lowest'> } | undefined
}

/** One request to change something on a backend or in the served folder. Its body has not been touched. */
export interface Writing {
  readonly parts: WritingParts
  readonly incoming: Incoming
  readonly query: Query
  readonly place: Place
  /** Whether the path of the URL ended in a slash. */
  readonly trailingSlash: boolean
  readonly surface: Surface
  /** What stands in front of the path in a URL. */
  readonly base: string
  /** A place for the same caller, on any backend or in the served folder. `follows`: a link there is followed. */
  readonly placeAt: (backend: string, path: StoragePath, follows: boolean) => Place
  open(backend: string): Promise<StorageDriver>
  /** The served folder, where the request is about that. */
  readonly changes?: LocalChanges | undefined
  /** Where the request is about that: deleting and bringing back. */
  readonly trash?: CallersTrash | undefined
  /**
   * Lets nobody else change a place until the request is answered; `whole`: nor anything in it. Backends see to that themselves.
   * @throws StorageError when somebody else is at it
   */
  hold(place: Place, whole: boolean): Promise<void>
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal
}

export type WritingFeature = 'upload' | 'delete' | 'chmod' | 'chown'

/** One thing that can be done. It is started only when the caller has the right to it and the features are on. */
export interface Operation {
  readonly features: readonly WritingFeature[]
  /** What the caller needs: `write` on the path itself, or `read` or `write` on all that it holds as well. */
  readonly right: 'write' | 'write-all' | 'read-all'
  /** Whether nobody else may change what a folder at the path holds meanwhile. Default: where `right` is `write-all`. */
  readonly holdsWhole?: boolean | undefined
  /** Whether a link at the path is followed. Default: where `right` is `write`. */
  readonly follows?: boolean | undefined
  run(writing: Writing): Promise<Response>
}
