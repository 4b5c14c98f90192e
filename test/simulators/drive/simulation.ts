import { randomBytes } from 'node:crypto'
import type { CloudTree } from '../cloud-tree/cloud-tree.ts'
import type { Item } from '../cloud-tree/item.ts'
import type { LabelDefinition, LabelValues } from './labels.ts'
import type { UploadSession } from './resumable.ts'

export const folderType = 'application/vnd.google-apps.folder'
export const shortcutType = 'application/vnd.google-apps.shortcut'

export type Role = 'reader' | 'commenter' | 'writer' | 'fileOrganizer' | 'organizer' | 'owner'

/** Somebody's right to an item and to everything below it. Who owns an item stands in its notes. */
export interface Permission {
  readonly id: string
  readonly type: 'user' | 'group' | 'domain' | 'anyone'
  readonly role: Role
  readonly emailAddress?: string | undefined
  readonly domain?: string | undefined
  readonly allowFileDiscovery?: boolean | undefined
  readonly expirationTime?: string | undefined
  /** When and by whom it was given. */
  readonly time: number
  readonly by: string
}

/** What Drive knows of an item and the tree does not. */
export interface Notes {
  /** An e-mail address; items of shared drives have no owner. */
  owner: string | undefined
  /** Whether it was made through the API: all that a client with the scope `drive.file` sees. */
  byApp: boolean
  permissions: readonly Permission[]
  description?: string | undefined
  starredBy: readonly string[]
  properties: Readonly<Record<string, string>>
  appProperties: Readonly<Record<string, string>>
  shortcut?: { readonly targetId: string; readonly targetMimeType: string } | undefined
  /** What a Google document says; its bytes come out of an export. */
  document?: Uint8Array | undefined
  /** Who reaches the item through a link only has to name it. */
  resourceKey?: string | undefined
  abusive: boolean
  /** Whether readers may not download it. */
  copyRequiresWriterPermission: boolean
  writersCanShare: boolean
  folderColorRgb?: string | undefined
  originalFilename?: string | undefined
  viewedByMeTime?: number | undefined
  lastModifier: string
  space: 'drive' | 'photos'
  readonly labels: Map<string, LabelValues>
}

export interface User {
  readonly email: string
  readonly displayName: string
  readonly permissionId: string
  /** Of My Drive. */
  readonly root: string
  /** Of the application's folder. */
  readonly appRoot: string
}

export interface SharedDrive {
  readonly id: string
  readonly name: string
  readonly created: number
  /** The most items that fit in. */
  readonly fileLimit: number
  readonly hidden: boolean
}

/** Everything that the simulator knows. */
export interface Simulation {
  readonly tree: CloudTree
  readonly notes: Map<string, Notes>
  /** By e-mail address. */
  readonly users: Map<string, User>
  readonly drives: Map<string, SharedDrive>
  readonly uploads: Map<string, UploadSession>
  /** What the pages after a first one hold, by their token. */
  readonly pages: Map<string, KeptPage>
  readonly labels: Map<string, LabelDefinition>
  readonly generatedIds: Set<string>
  /** The most entries that a page has, whatever is asked for. */
  readonly pageLimit: number
  /** Whose items are those that nobody said an owner for. */
  readonly defaultUser: string
  /** Bytes that a new user's My Drive holds. */
  readonly quota: number | undefined
}

export interface KeptPage {
  /** What was asked for; a token is good for the same question only. */
  readonly question: string
  readonly ids: readonly string[]
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const randomText = (length: number): string =>
  Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join('')

/** Ids that look as the service's do. */
export const newId = {
  file: (): string => `1${randomText(32)}`,
  folder: (): string => `1${randomText(32)}`,
  revision: (): string => `0B${randomText(48)}`,
  root: (): string => `0A${randomText(15)}PVA`,
}

export function userOf(simulation: Simulation, email: string): User {
  const known = simulation.users.get(email)
  if (known) return known
  const [displayName = email] = email.split('@')
  const permissionId = String(randomBytes(6).readUIntBE(0, 6)).padStart(20, '1')
  const user: User = { email, displayName, permissionId, root: newId.root(), appRoot: newId.root() }
  simulation.users.set(email, user)
  simulation.tree.addRoot({ id: user.root, name: 'My Drive', total: simulation.quota })
  simulation.tree.addRoot({ id: user.appRoot, name: 'Drive API test' })
  for (const root of [user.root, user.appRoot]) notesOf(simulation, root).owner = email
  return user
}

/** Always there: what was put into the tree past this simulator is the default user's. */
export function notesOf(simulation: Simulation, id: string): Notes {
  const known = simulation.notes.get(id)
  if (known) return known
  const made: Notes = {
    owner: driveOf(simulation, id) ? undefined : simulation.defaultUser,
    byApp: false,
    permissions: [],
    starredBy: [],
    properties: {},
    appProperties: {},
    abusive: false,
    copyRequiresWriterPermission: false,
    writersCanShare: true,
    lastModifier: simulation.defaultUser,
    space: 'drive',
    labels: new Map(),
  }
  simulation.notes.set(id, made)
  return made
}

/** The shared drive that an item is in. */
export function driveOf(simulation: Simulation, id: string): SharedDrive | undefined {
  const root = simulation.tree.get(id) && simulation.tree.rootOf(id)
  return root === undefined ? undefined : simulation.drives.get(root)
}

export const typeOf = (item: Item): string =>
  item.kind === 'folder' ? folderType : (item.contentType ?? 'application/octet-stream')

export const isDocument = (item: Item): boolean =>
  item.kind === 'file' && typeOf(item).startsWith('application/vnd.google-apps.') && typeOf(item) !== shortcutType
