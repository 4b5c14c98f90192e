import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { CloudTree } from '../cloud-tree/cloud-tree.ts'
import type { Item } from '../cloud-tree/item.ts'
import type { Entra } from '../entra/start-entra.ts'
import type { Cloud } from './clouds.ts'
import type { Json } from './answer.ts'

export type DriveType = 'personal' | 'business' | 'documentLibrary'

export interface Drive {
  readonly id: string
  readonly type: DriveType
  readonly name: string
  /** The user whose it is; a document library is everybody's. */
  readonly owner: string
  /** Id of its root in the tree. */
  readonly root: string
}

export interface UploadSession {
  readonly id: string
  readonly drive: Drive
  /** The file that gets the bytes, or where a new one is made. */
  readonly item: string | undefined
  readonly parent: string
  readonly name: string
  readonly behavior: string
  readonly fileSystemInfo: Json | undefined
  readonly description: string | undefined
  readonly deferCommit: boolean
  /** Milliseconds since 1970. */
  expires: number
  /** Known from the first fragment on. */
  total: number | undefined
  received: number
  readonly fragments: Buffer[]
}

export interface CopyJob {
  readonly id: string
  /** How often it is asked for before it is done. */
  polls: number
  /** Id of what came of it; undefined until then. */
  made: string | undefined
  failed: Json | undefined
  readonly run: () => string
}

export interface Permission {
  readonly id: string
  readonly roles: readonly string[]
  readonly expires: string | undefined
  readonly password: string | undefined
  readonly shareId: string
  readonly invited: { readonly email: string; readonly signIn: boolean } | undefined
  readonly link:
    | { readonly type: string; readonly scope: string; readonly webUrl: string; readonly application: string }
    | undefined
}

/** What a pre-signed address to download gives. */
export interface Download {
  readonly item: string
  /** The current one when there is none. */
  readonly revision: string | undefined
  readonly infected: boolean
  readonly expires: number
}

export interface Service {
  readonly tree: CloudTree
  readonly drives: Drive[]
  readonly entra: Entra
  readonly sessions: Map<string, UploadSession>
  readonly copies: Map<string, CopyJob>
  readonly downloads: Map<string, Download>
  /** By the id of the item. */
  readonly permissions: Map<string, readonly Permission[]>
  /** Makes ids of what comes next look like those of this drive. */
  makeIdsFor(drive: Drive): void
  readonly copyPolls: number
  readonly anonymousLinks: boolean
  /** Whether a token at an address that says itself who may is refused, as Graph's reference warns; some services let it pass. */
  readonly refusesTokens: boolean
  readonly sessionMinutes: number
  /** Pages of children and changes, when nobody asks for another size. */
  readonly pageSize: number
  /** Tokens of delta from another one are refused. */
  deltaEra: number
}

/** Who asks, by what the token says. */
export interface Caller {
  /** Undefined for an application that acts on its own. */
  readonly user: string | undefined
  readonly application: string
  readonly scopes: readonly string[]
}

/** One request, understood. */
export interface Call {
  readonly service: Service
  readonly caller: Caller
  readonly cloud: Cloud
  readonly method: string
  /** As the vendor's hosts are called: `https://graph.microsoft.com/v1.0/...` */
  readonly url: URL
  /** With the dollar that may be left out. */
  readonly query: ReadonlyMap<string, string>
  readonly headers: IncomingHttpHeaders
  readonly incoming: IncomingMessage
}

/** What the path of a request names. */
export interface Target {
  readonly drive: Drive
  readonly item: Item | undefined
  /** Where it would be when it is not there. */
  readonly place: { readonly parent: Item; readonly name: string } | undefined
  /** Who has the link may. */
  readonly byLink?: true
}
