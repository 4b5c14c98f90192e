import type { LocalAccess, StorageDriver, StoragePath } from '@filegate/core'
import type { Scope } from '../access/scope.ts'
import type { Query } from '../http/query.ts'
import type { Reply } from '../http/reply.ts'
import type { RevisionCounts } from '../journal/count-revisions.ts'
import type { Services } from '../services.ts'
import type { Feature, Settings } from '../settings.ts'
import type { Source } from '../sources/source.ts'

/** `basic` is `/{path}`, made for people and browsers; `v1` is `/api/v1/files/{path}`, made for programs. */
export type Surface = 'basic' | 'v1'

/** One request to read, parsed. */
export interface ReadRequest {
  readonly surface: Surface
  /** A view may answer HEAD without preparing a body; the body is dropped in any case. */
  readonly method: 'GET' | 'HEAD'
  readonly path: StoragePath
  /** Whether the path of the URL ended in a slash. */
  readonly trailingSlash: boolean
  readonly query: Query
  /** A GET without parameters, range or conditions: it asks for the whole thing as it is. */
  readonly plain: boolean
  header(name: string): string | undefined
  /** Aborts when the client goes away. Made on first use, so ask for it only where work is worth stopping. */
  readonly signal: AbortSignal
}

export interface ViewContext {
  readonly request: ReadRequest
  readonly source: Source
  /** Restricted to what the caller may see. */
  readonly storage: StorageDriver
  /**
   * The shortcuts of a local disk, with nothing behind links that the caller may not reach. By path they know no rights:
   * whoever walks with them asks `scope` about every entry.
   */
  readonly local: LocalAccess | undefined
  readonly scope: Scope
  readonly settings: Settings
  readonly services: Services
  readonly reply: Reply
  /** How often files of the served folder have changed; absent without a journal, and on a backend. */
  readonly revisions?: RevisionCounts | undefined
  /** Lets the transport send `body` straight from its descriptor where it has one. Call it with what goes into `reply`. */
  readonly handOff: (body: ReadableStream<Uint8Array>) => void
}

/** What there is where there is nothing. */
export type MissingContext = Pick<ViewContext, 'request' | 'scope' | 'settings' | 'services' | 'reply'>

/** One way to show what a source holds. A view never asks which source it is. */
export interface View {
  /** The query parameter that asks for it, for messages. */
  readonly name: string
  readonly takes: 'file' | 'directory' | 'any'
  /** Without this feature the view answers 403. */
  readonly feature?: Feature
  respond(context: ViewContext): Response | Promise<Response>
  /** Answers where nothing is. Absent: 404. */
  respondMissing?(context: MissingContext): Response
}
