import { oneHeader, readBody } from '../gcs/exchange.ts'
import { booleanMember, type JsonObject, textMember } from '../gcs/json.ts'
import type { Item } from '../cloud-tree/item.ts'
import { effectiveGrants, type Grant, ranks, roleOf } from './access.ts'
import {
  badRequest,
  DriveError,
  forbidden,
  insufficientFilePermissions,
  notWritable,
  permissionNotFound,
} from './drive-error.ts'
import { type Answer, type Exchange, fileOf, isTrue, nothing, place, show } from './exchange.ts'
import { jsonBody, timeMember } from './file-body.ts'
import { permissionResource, timeText } from './file-resource.ts'
import { pageOf, pageSizeOf } from './listing.ts'
import { driveOf, notesOf, type Permission, type Role, type Simulation, userOf } from './simulation.ts'

const isRole = (role: string): role is Role => Object.hasOwn(ranks, role)

const isType = (type: string): type is Permission['type'] => ['user', 'group', 'domain', 'anyone'].includes(type)

export function listPermissions(exchange: Exchange): Answer {
  const { simulation, query } = exchange
  const item = fileOf(exchange, { need: 'writer' })
  const grants = effectiveGrants(simulation, item)
  const { ids, nextPageToken } = pageOf(simulation, query, pageSizeOf(query, simulation, 100), () =>
    grants.map(({ permission }) => permission.id),
  )
  const shown = grants.filter(({ permission }) => ids.includes(permission.id))
  return show('permissionList', {
    kind: 'drive#permissionList',
    permissions: shown.map((grant) => permissionResource(simulation, grant, item)),
    nextPageToken,
  })
}

function grantOf(exchange: Exchange, item: Item): Grant {
  const id = place(exchange, 'permissionId')
  const found = effectiveGrants(exchange.simulation, item).find(({ permission }) => permission.id === id)
  if (!found) throw permissionNotFound(id)
  return found
}

export function getPermission(exchange: Exchange): Answer {
  const item = fileOf(exchange, { need: 'writer' })
  return show('permission', permissionResource(exchange.simulation, grantOf(exchange, item), item))
}

/** Whoever may share the item; of a shared drive only who manages it. */
function sharedFile(exchange: Exchange): Item {
  const { simulation, caller } = exchange
  const item = fileOf(exchange, { need: 'writer' })
  const role = roleOf(simulation, caller, item) ?? 'reader'
  const drive = driveOf(simulation, item.id)
  const least = drive ? (drive.id === item.id ? 'organizer' : 'fileOrganizer') : undefined
  const mayShare = least
    ? ranks[role] >= ranks[least]
    : role === 'owner' || notesOf(simulation, item.id).writersCanShare
  if (!mayShare) throw insufficientFilePermissions()
  return item
}

async function bodyOf({ headers, incoming }: Exchange, members: readonly string[]): Promise<JsonObject> {
  const body = jsonBody(await readBody(incoming, 1_048_576), oneHeader(headers, 'content-type'))
  for (const name of Object.keys(body)) if (name !== 'kind' && !members.includes(name)) throw notWritable()
  return body
}

export async function createPermission(exchange: Exchange): Promise<Answer> {
  const { simulation, caller } = exchange
  const body = await bodyOf(exchange, [
    'type',
    'role',
    'emailAddress',
    'domain',
    'allowFileDiscovery',
    'expirationTime',
    'view',
    'pendingOwner',
  ])
  const item = sharedFile(exchange)
  const [type, role] = [textMember(body, 'type') ?? '', roleIn(exchange, item, textMember(body, 'role'))]
  const [emailAddress, domain] = [textMember(body, 'emailAddress'), textMember(body, 'domain')]
  if (!isType(type)) throw badRequest('The permission type field is required.')
  if ((type === 'user' || type === 'group') !== (emailAddress !== undefined))
    throw badRequest('The specified emailAddress is invalid or not applicable for the given permission type.')
  if ((type === 'domain') !== (domain !== undefined))
    throw badRequest('The specified domain is invalid or not applicable for the given permission type.')
  const expires = timeMember(body, 'expirationTime')
  if (role === 'owner') return giveAway(exchange, item, emailAddress ?? '', type)
  const permission: Permission = {
    id: idOf(simulation, type, emailAddress ?? domain),
    type,
    role,
    emailAddress,
    domain,
    allowFileDiscovery: booleanMember(body, 'allowFileDiscovery'),
    expirationTime: expires === undefined ? undefined : timeText(expires),
    time: simulation.tree.now(),
    by: caller.email,
  }
  put(simulation, item, permission)
  return show('permission', permissionResource(simulation, { permission, on: item.id }, item))
}

function idOf(simulation: Simulation, type: Permission['type'], who: string | undefined): string {
  if (type === 'anyone') return 'anyoneWithLink'
  return type === 'user' && who !== undefined
    ? userOf(simulation, who).permissionId
    : `${Buffer.from(who ?? '').toString('hex')}k`
}

/** One of an id stands for what was there of it. */
function put(simulation: Simulation, item: Item, permission: Permission): void {
  const notes = notesOf(simulation, item.id)
  notes.permissions = [...notes.permissions.filter(({ id }) => id !== permission.id), permission]
  simulation.tree.update(item.id, {})
}

function roleIn(exchange: Exchange, item: Item, role: string | undefined): Role {
  if (role === undefined || !isRole(role)) throw badRequest('The permission role field is required.')
  const drive = driveOf(exchange.simulation, item.id)
  const isForDrives = role === 'organizer' || role === 'fileOrganizer'
  if (drive ? role === 'owner' : isForDrives)
    throw forbidden('invalidSharingRequest', `The role ${role} is not applicable to this item.`)
  if (role === 'owner' && !isTrue(exchange.query, 'transferOwnership')) {
    throw new DriveError(
      403,
      'forbidden',
      "The transferOwnership parameter must be enabled when the permission role is 'owner'.",
      { locationType: 'parameter', location: 'transferOwnership' },
    )
  }
  return role
}

/** The new owner gets the item, the old one stays as a writer. */
function giveAway(exchange: Exchange, item: Item, email: string, type: Permission['type']): Answer {
  const { simulation, caller, query } = exchange
  const notes = notesOf(simulation, item.id)
  if (type !== 'user' || notes.owner !== caller.email) throw insufficientFilePermissions()
  const user = userOf(simulation, email)
  const former: Permission = {
    id: userOf(simulation, caller.email).permissionId,
    type: 'user',
    role: 'writer',
    emailAddress: caller.email,
    time: simulation.tree.now(),
    by: email,
  }
  notes.owner = email
  notes.permissions = [...notes.permissions.filter(({ id }) => id !== user.permissionId), former]
  simulation.tree.update(item.id, isTrue(query, 'moveToNewOwnersRoot') ? { parents: [user.root] } : {})
  const [grant] = effectiveGrants(simulation, item).filter(({ permission }) => permission.id === user.permissionId)
  return show('permission', grant && permissionResource(simulation, grant, item))
}

export async function updatePermission(exchange: Exchange): Promise<Answer> {
  const { simulation, query } = exchange
  const body = await bodyOf(exchange, ['role', 'expirationTime', 'pendingOwner'])
  const item = sharedFile(exchange)
  const { permission, on } = grantOf(exchange, item)
  const said = textMember(body, 'role')
  const role = said === undefined ? permission.role : roleIn(exchange, item, said)
  if (role === 'owner') return giveAway(exchange, item, permission.emailAddress ?? '', permission.type)
  if (permission.role === 'owner') throw insufficientFilePermissions()
  if (on !== item.id) throw inherited()
  const expires = timeMember(body, 'expirationTime')
  const kept = isTrue(query, 'removeExpiration') ? undefined : permission.expirationTime
  const expirationTime = expires === undefined ? kept : timeText(expires)
  const after = { ...permission, role, expirationTime }
  put(simulation, item, after)
  return show('permission', permissionResource(simulation, { permission: after, on: item.id }, item))
}

const inherited = (): DriveError =>
  forbidden('cannotModifyInheritedPermission', 'Cannot modify an inherited permission; change it on the parent.')

export function deletePermission(exchange: Exchange): Answer {
  const { simulation, caller } = exchange
  const item = fileOf(exchange)
  const { permission, on } = grantOf(exchange, item)
  if (permission.role === 'owner') throw insufficientFilePermissions()
  // Everybody may leave; others are sent away by those who share.
  if (permission.emailAddress !== caller.email) sharedFile(exchange)
  if (on !== item.id) throw inherited()
  const notes = notesOf(simulation, item.id)
  notes.permissions = notes.permissions.filter(({ id }) => id !== permission.id)
  simulation.tree.update(item.id, {})
  return nothing
}
