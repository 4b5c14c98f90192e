import type { Item } from '../cloud-tree/item.ts'
import { type DriveError, fileNotFound, forbidden, insufficientFilePermissions } from './drive-error.ts'
import {
  driveOf,
  notesOf,
  type Permission,
  type Role,
  type Simulation,
  typeOf,
  folderType,
  userOf,
} from './simulation.ts'

/** Who asks, and what came with the request. */
export interface Caller {
  readonly email: string
  /** Short names of the scopes of the token: `drive.readonly`. */
  readonly scopes: ReadonlySet<string>
  /** Resource keys by id of the item. */
  readonly keys: ReadonlyMap<string, string>
}

export const ranks: Readonly<Record<Role, number>> = {
  reader: 1,
  commenter: 2,
  writer: 3,
  fileOrganizer: 4,
  organizer: 5,
  owner: 6,
}

/** A permission with the item that it was given on. */
export interface Grant {
  readonly permission: Permission
  readonly on: string
}

const ownerPermission = (simulation: Simulation, email: string, role: Role): Permission => ({
  id: userOf(simulation, email).permissionId,
  type: 'user',
  role,
  emailAddress: email,
  time: 0,
  by: email,
})

/** All rights to an item: its own ones, then those that come from the folders around it. */
export function grantsOn(simulation: Simulation, item: Item): readonly Grant[] {
  const { tree } = simulation
  const grants: Grant[] = []
  for (let at: Item | undefined = item; at; at = tree.get(at.parents[0] ?? '')) {
    const { owner, permissions } = notesOf(simulation, at.id)
    // Who owns a folder may write what others put into it.
    const role = at === item ? 'owner' : 'writer'
    if (owner !== undefined) grants.push({ permission: ownerPermission(simulation, owner, role), on: at.id })
    for (const permission of permissions) grants.push({ permission, on: at.id })
  }
  return grants
}

/** The same, one a person: the highest role wins, and of equal ones the nearest. */
export function effectiveGrants(simulation: Simulation, item: Item): readonly Grant[] {
  const best = new Map<string, Grant>()
  for (const grant of grantsOn(simulation, item)) {
    const known = best.get(grant.permission.id)
    if (!known || ranks[grant.permission.role] > ranks[known.permission.role]) best.set(grant.permission.id, grant)
  }
  return [...best.values()]
}

const isAbout = (simulation: Simulation, { type, emailAddress, domain, expirationTime }: Permission, email: string) => {
  if (expirationTime !== undefined && Date.parse(expirationTime) <= simulation.tree.now()) return false
  if (type === 'anyone') return true
  return type === 'domain' ? email.endsWith(`@${domain}`) : emailAddress === email
}

/** What a caller may do; `undefined` when they cannot even see it. */
export function roleOf(simulation: Simulation, caller: Caller, item: Item): Role | undefined {
  if (!isInScope(simulation, caller, item)) return undefined
  let best: Role | undefined
  for (const { permission, on } of grantsOn(simulation, item)) {
    if (!isAbout(simulation, permission, caller.email)) continue
    const key = notesOf(simulation, on).resourceKey
    const isByLink = permission.type === 'anyone' || permission.type === 'domain'
    if (isByLink && key !== undefined && caller.keys.get(on) !== key) continue
    if (!best || ranks[permission.role] > ranks[best]) best = permission.role
  }
  return best
}

const everything = ['drive', 'drive.readonly', 'drive.metadata', 'drive.metadata.readonly']

/** Narrow scopes see only some items. */
function isInScope(simulation: Simulation, { email, scopes }: Caller, item: Item): boolean {
  const { tree } = simulation
  const user = userOf(simulation, email)
  const root = tree.rootOf(item.id)
  const appRoots = [...simulation.users.values()].map(({ appRoot }) => appRoot)
  if (root !== undefined && appRoots.includes(root)) return root === user.appRoot && mayUseAppFolder(scopes)
  if (everything.some((scope) => scopes.has(scope))) return true
  if (scopes.has('drive.photos.readonly') && notesOf(simulation, item.id).space === 'photos') return true
  return scopes.has('drive.file') && (notesOf(simulation, item.id).byApp || item.id === user.root)
}

export const mayUseAppFolder = (scopes: ReadonlySet<string>): boolean =>
  scopes.has('drive.appdata') || scopes.has('drive.appfolder')

/** What two words stand for. */
export function resolveAlias(simulation: Simulation, caller: Caller, id: string): string {
  if (id === 'root') return userOf(simulation, caller.email).root
  return id === 'appDataFolder' ? userOf(simulation, caller.email).appRoot : id
}

export interface Finding {
  /** Whether the client knows of shared drives; their items are hidden from those that do not. */
  readonly supportsAllDrives: boolean
  /** The least role that is needed. Default: to see it. */
  readonly need?: Role
}

/** @throws notFound for what is not there and for what the caller may not see */
export function findItem(simulation: Simulation, caller: Caller, id: string, finding: Finding): Item {
  const item = simulation.tree.get(resolveAlias(simulation, caller, id))
  const role = item && roleOf(simulation, caller, item)
  if (!item || !role) throw fileNotFound(id)
  if (!finding.supportsAllDrives && driveOf(simulation, item.id)) throw fileNotFound(id)
  const { need = 'reader' } = finding
  if (ranks[role] < ranks[need]) throw insufficientFilePermissions()
  if (ranks[need] >= ranks.writer && !mayAppWrite(simulation, caller, item)) throw appNotAuthorized(id)
  return item
}

/** A token may see everything and change only what its application made. */
function mayAppWrite(simulation: Simulation, { scopes }: Caller, item: Item): boolean {
  if (scopes.has('drive') || scopes.has('drive.metadata') || !scopes.has('drive.file')) return true
  return notesOf(simulation, item.id).byApp || simulation.tree.roots.includes(item.id)
}

const appNotAuthorized = (id: string): DriveError =>
  forbidden('appNotAuthorizedToFile', `The user has not granted the app write access to the file ${id}.`)

/** The same for one that something is put into. */
export function findFolder(simulation: Simulation, caller: Caller, id: string, finding: Finding): Item {
  const item = findItem(simulation, caller, id, { ...finding, need: 'writer' })
  if (typeOf(item) !== folderType) throw forbidden('parentNotAFolder', 'The specified parent is not a folder.')
  return item
}
