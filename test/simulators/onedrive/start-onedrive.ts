import { once } from 'node:events'
import { createServer } from 'node:http'
import { type CloudTree, createCloudTree } from '../cloud-tree/cloud-tree.ts'
import type { Facts, Item } from '../cloud-tree/item.ts'
import { createSigningKey, type SigningKey } from '../entra/json-web-token.ts'
import { graphResources, signInHosts } from '../entra/scopes.ts'
import { type Entra, type EntraOptions, startEntra } from '../entra/start-entra.ts'
import { addressOf } from '../fault-proxy.ts'
import type { VendorRoutes } from '../vendor-routes.ts'
import { contentHosts } from './clouds.ts'
import { type Failure, failures } from './failures.ts'
import { identifiers } from './identifiers.ts'
import type { Drive, DriveType, Service } from './service.ts'
import { type SeenRequest, serve } from './serve.ts'
import { patient } from '../patient.ts'

export interface NewDrive {
  readonly type: DriveType
  readonly name?: string | undefined
  /** Default: the first user. */
  readonly owner?: string | undefined
  /** Bytes that fit in. */
  readonly total?: number | undefined
}

export interface OneDriveOptions {
  /** Type of the only drive, when `drives` names none. Default: personal. */
  readonly driveType?: DriveType | undefined
  /** Bytes that fit into the only drive. */
  readonly total?: number | undefined
  /** The first one is the user's own. */
  readonly drives?: readonly NewDrive[] | undefined
  /** Registered where users sign in. Default: a public one, `filegate`, with callbacks on this machine. */
  readonly applications?: EntraOptions['applications'] | undefined
  /** How often a copy is asked for before it is done. Default: 1. */
  readonly copyPolls?: number | undefined
  /** Whether the administrator of a business allows links for everybody. Default: true. */
  readonly anonymousLinks?: boolean | undefined
  /**
   * Whether a token that is sent along to a pre-signed address is refused (401, as the reference warns) or ignored, as older
   * clients count on. Default: refused.
   */
  readonly refusesTokens?: boolean | undefined
  /** Minutes that an upload session waits for its next fragment. Default: 15. */
  readonly sessionMinutes?: number | undefined
  /** Entries on a page when nobody asks for another size. Default: 200. */
  readonly pageSize?: number | undefined
  /** Seconds that a token is good for. Default: an hour. */
  readonly lifetime?: number | undefined
  /** Seconds that a refresh token is still taken after another one was given out. Default: 10. */
  readonly reuse?: number | undefined
}

export interface TokenFields {
  readonly user?: string | undefined
  /** Default: Files.ReadWrite.All. */
  readonly scopes?: readonly string[] | undefined
  /** Seconds; below zero it has run out. */
  readonly lifetime?: number | undefined
  /** What it is meant for. Default: `https://graph.microsoft.com`. */
  readonly resource?: string | undefined
}

export interface OneDrive {
  /** `http://127.0.0.1:PORT`; the host that is meant is in `x-forwarded-host`. */
  readonly endpoint: string
  /** Every host that it plays, where users sign in included. */
  readonly routes: VendorRoutes
  readonly tree: CloudTree
  readonly drives: readonly Drive[]
  /** Where users sign in. */
  readonly entra: Entra
  /** Names of the users: the one whose drive is the first, and another one. */
  readonly users: readonly [string, string]
  readonly requests: readonly SeenRequest[]
  /** Forgets the requests so far. */
  forget(): void
  /** What goes wrong next. */
  fail(failure: Failure): void
  issueToken(fields?: TokenFields): string
  /** A token blob as configurations have it: JSON with access_token, token_type, refresh_token, expiry. */
  tokenBlob(fields?: TokenFields): string
  /** A notebook, a file with a virus, a file that somebody has open: `{ package: 'oneNote' }`, `{ malware: 'name' }`, `{ locked: true }`. */
  mark(id: string, facts: Facts): void
  /** What somebody else has, in the user's own drive: an item with `remoteItem`. */
  addShortcut(target: string, place: { readonly name: string; readonly parent: string }): Item
  /** Shares an item with a user, without asking. */
  share(id: string, user: string, roles?: readonly ('read' | 'write')[]): void
  /** Tokens of delta given out so far are refused: 410. */
  expireDelta(): void
  /** Addresses to download from that were given out so far are refused. */
  expireDownloads(): void
  /** Upload sessions so far are gone. */
  expireSessions(): void
  close(): Promise<void>
}

/** One for all that this process starts: their tenants tell them apart. */
let madeKey: SigningKey | undefined
function signingKey(): SigningKey {
  madeKey ??= createSigningKey()
  return madeKey
}

const users = ['ann@contoso.com', 'bob@contoso.com'] as const
const usualApplication = {
  clientId: 'filegate',
  redirectUris: ['http://127.0.0.1/callback', 'http://localhost/callback', 'http://localhost/'],
  roles: ['Files.ReadWrite.All'],
}

/** A simulator of the drives of Microsoft Graph, with the endpoints where users sign in, on free ports of loopback. */
export async function startOneDrive(options: OneDriveOptions = {}): Promise<OneDrive> {
  const { applications = [usualApplication], lifetime, reuse } = options
  const entra = await startEntra({
    applications,
    users: users.map((name) => ({ name, password: 'right' })),
    domains: ['contoso.com', 'contoso.onmicrosoft.com'],
    resources: graphResources,
    key: signingKey(),
    ...(lifetime !== undefined && { lifetime }),
    ...(reuse !== undefined && { reuse }),
  })
  const service = serviceOf(options, entra)
  const requests: SeenRequest[] = []
  const failing = failures()
  const server = createServer(patient, (incoming, outgoing) => {
    serve(service, failing, incoming, outgoing, (request) => requests.push(request)).catch(() => outgoing.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const endpoint = `http://127.0.0.1:${addressOf(server).port}`
  return {
    endpoint,
    routes: {
      ...Object.fromEntries(contentHosts.map((host) => [host, endpoint])),
      ...Object.fromEntries(signInHosts.map((host) => [host, entra.plain])),
    },
    drives: service.drives,
    entra,
    users,
    requests,
    tree: service.tree,
    forget: () => void requests.splice(0),
    fail: (failure) => failing.add(failure),
    ...tokensOf(entra),
    ...settings(service),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await entra.close()
    },
  }
}

function serviceOf(options: OneDriveOptions, entra: Entra): Service {
  const { driveType = 'personal', total, drives = [{ type: driveType, total }] } = options
  const ids = identifiers()
  const kinds = drives.map(({ type, name = 'OneDrive', owner = users[0] }) => ids.newDrive(type, name, owner))
  const [first] = kinds
  if (first === undefined) throw new Error('There is no drive.')
  const tree = createCloudTree({
    caseSensitive: false,
    root: { id: first.root, total: drives[0]?.total },
    makeId: (kind) => ids.makeId(kind),
  })
  for (const [place, { root }] of kinds.entries())
    if (place > 0) tree.addRoot({ id: root, total: drives[place]?.total })
  ids.makeIdsFor(first)
  return {
    tree,
    drives: kinds,
    entra,
    sessions: new Map(),
    copies: new Map(),
    downloads: new Map(),
    permissions: new Map(),
    makeIdsFor: (drive) => ids.makeIdsFor(drive),
    copyPolls: options.copyPolls ?? 1,
    anonymousLinks: options.anonymousLinks ?? true,
    refusesTokens: options.refusesTokens ?? true,
    sessionMinutes: options.sessionMinutes ?? 15,
    pageSize: options.pageSize ?? 200,
    deltaEra: 0,
  }
}

function tokensOf(entra: Entra): Pick<OneDrive, 'issueToken' | 'tokenBlob'> {
  const fieldsOf = ({ user = users[0], scopes = ['Files.ReadWrite.All'], lifetime, resource }: TokenFields = {}) => ({
    user,
    clientId: 'filegate',
    scopes,
    ...(lifetime !== undefined && { lifetime }),
    ...(resource !== undefined && { resource }),
  })
  const issueToken = (fields?: TokenFields): string => entra.issueToken(fieldsOf(fields))
  return {
    issueToken,
    tokenBlob(fields) {
      const seconds = fields?.lifetime ?? 3600
      return JSON.stringify({
        access_token: issueToken(fields),
        token_type: 'Bearer',
        refresh_token: entra.issueRefreshToken(fieldsOf(fields)),
        expiry: new Date(Date.now() + seconds * 1000).toISOString(),
      })
    },
  }
}

type Settings = Pick<OneDrive, 'mark' | 'addShortcut' | 'share' | 'expireDelta' | 'expireDownloads' | 'expireSessions'>

function settings(service: Service): Settings {
  const { tree, permissions } = service
  return {
    mark: (id, facts) => void tree.update(id, { facts }),
    addShortcut(target, { name, parent }) {
      const facts = { remote: target }
      const kind = tree.need(target).kind
      return kind === 'folder'
        ? tree.addFolder({ name, parents: [parent], facts })
        : tree.addFile({ name, parents: [parent], facts })
    },
    share(id, email, roles = ['read']) {
      const made = {
        id: `share-${email}`,
        roles,
        expires: undefined,
        password: undefined,
        shareId: `s!${id}`,
        invited: { email, signIn: true },
        link: undefined,
      }
      permissions.set(id, [...(permissions.get(id) ?? []), made])
    },
    expireDelta: () => void Object.assign(service, { deltaEra: service.deltaEra + 1 }),
    expireDownloads: () => service.downloads.clear(),
    expireSessions: () => service.sessions.clear(),
  }
}
