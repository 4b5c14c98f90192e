import { randomBytes } from 'node:crypto'
import type { Item } from '../cloud-tree/item.ts'
import { type Answer, isJson, type Json, noContent, ok } from './answer.ts'
import { GraphError, invalid } from './graph-error.ts'
import { identity, parentReference, type View } from './item-resource.ts'
import { itemOf, viewOf } from './place.ts'
import { readJson } from './read-body.ts'
import type { Call, Permission, Service, Target } from './service.ts'
import { flag, listOf, object, oneOf, text, textOf, time } from './shape.ts'

// Source: permission and its facets, driveItem: invite, createLink, Update and Delete permission.

const never = '0001-01-01T00:00:00Z'
const newId = (): string => randomBytes(12).toString('base64url')

export const ownPermissions = ({ permissions }: Service, item: Item): readonly Permission[] =>
  permissions.get(item.id) ?? []

function resource(permission: Permission, inherited?: Json): Json {
  const { id, roles, shareId, invited, link, password, expires } = permission
  const granted = invited && identity(invited.email)
  return {
    id,
    roles,
    shareId,
    expirationDateTime: expires ?? never,
    hasPassword: password !== undefined,
    ...(invited && {
      invitation: { email: invited.email, signInRequired: invited.signIn },
      grantedTo: granted,
      grantedToV2: {
        ...granted,
        siteUser: { displayName: invited.email, loginName: `i:0#.f|membership|${invited.email}` },
      },
    }),
    ...(link && {
      link: {
        type: link.type,
        scope: link.scope,
        webUrl: link.webUrl,
        application: { id: link.application, displayName: 'filegate' },
        ...(link.type === 'embed' && { webHtml: `<iframe src="${link.webUrl}"></iframe>` }),
      },
    }),
    ...(inherited && { inheritedFrom: inherited }),
  }
}

const ofOwner = ({ drive }: View): Json => ({
  id: 'owner',
  roles: ['owner'],
  grantedTo: identity(drive.owner),
  grantedToV2: identity(drive.owner),
})

/** Those of the item, of what is around it, and the owner's. */
function allOf(
  view: View,
  item: Item,
): { readonly permission: Permission | undefined; readonly json: Json; readonly inherited: boolean }[] {
  const { tree } = view.service
  const found = ownPermissions(view.service, item).map((permission) => ({
    permission,
    json: resource(permission),
    inherited: false,
  }))
  const above = []
  for (let at = tree.get(item.parents[0] ?? ''); at; at = tree.get(at.parents[0] ?? '')) {
    const from = view.drive.type === 'personal' ? { ...parentReference(view, item, true), id: at.id } : undefined
    for (const permission of ownPermissions(view.service, at))
      above.push({ permission, json: resource(permission, from), inherited: true })
  }
  return [{ permission: undefined, json: ofOwner(view), inherited: true }, ...found, ...above]
}

export const listPermissions = (call: Call, target: Target): Answer =>
  ok({ value: allOf(viewOf(call, target), itemOf(target)).map(({ json }) => json) })

const named = (call: Call, target: Target, id: string) => {
  const found = allOf(viewOf(call, target), itemOf(target)).find(({ json }) => json.id === id)
  if (found === undefined) throw new GraphError('itemNotFound')
  return found
}

export const getPermission = (call: Call, target: Target, id: string): Answer => ok(named(call, target, id).json)

/** One that can be changed: the owner's stays, an inherited one is changed where it comes from. */
function changeable(call: Call, target: Target, id: string): Permission {
  const { permission, inherited } = named(call, target, id)
  if (permission === undefined || inherited)
    throw new GraphError('accessDenied', { message: 'This permission cannot be changed here.' })
  return permission
}

function replace(
  { permissions, tree }: Service,
  item: Item,
  change: (all: readonly Permission[]) => readonly Permission[],
): void {
  permissions.set(item.id, change(permissions.get(item.id) ?? []))
  // Sharing is a change of the item, which delta tells.
  tree.update(item.id, {})
}

const roles = listOf(oneOf('read', 'write'))

export async function patchPermission(call: Call, target: Target, id: string): Promise<Answer> {
  const before = changeable(call, target, id)
  const type = 'microsoft.graph.permission'
  const body = await readJson(call.incoming, type, { roles, expirationDateTime: time, password: text })
  if (before.link && body.roles !== undefined) throw invalid('The roles of a link cannot be changed.')
  const after: Permission = {
    ...before,
    roles: Array.isArray(body.roles) ? body.roles.map(String) : before.roles,
    expires: textOf(body, 'expirationDateTime') ?? before.expires,
    password: textOf(body, 'password') ?? before.password,
  }
  replace(call.service, itemOf(target), (all) => all.map((each) => (each === before ? after : each)))
  return ok(resource(after))
}

export function deletePermission(call: Call, target: Target, id: string): Answer {
  const gone = changeable(call, target, id)
  replace(call.service, itemOf(target), (all) => all.filter((each) => each !== gone))
  return noContent
}

const invitation = {
  requireSignIn: flag,
  sendInvitation: flag,
  roles,
  recipients: listOf(object('microsoft.graph.driveRecipient', { email: text, alias: text, objectId: text })),
  message: text,
  expirationDateTime: time,
  password: text,
  retainInheritedPermissions: flag,
}

export async function invite(call: Call, target: Target): Promise<Answer> {
  const item = itemOf(target)
  const body = await readJson(call.incoming, 'microsoft.graph.invite', invitation)
  const recipients = Array.isArray(body.recipients) ? body.recipients.filter(isJson) : []
  const granted = Array.isArray(body.roles) ? body.roles.map(String) : []
  if (recipients.length === 0) throw invalid('At least one recipient must be specified.')
  if (granted.length === 0) throw invalid('At least one role must be specified.')
  if ((textOf(body, 'message') ?? '').length > 2000) throw invalid('The message is too long.', 'parameterIsTooLong')
  checkPersonal(target, body, item)
  const made = recipients.map((recipient) => permissionFor(recipient, granted, body))
  replace(call.service, item, (all) => [...all, ...made])
  return ok({ value: made.map((permission) => resource(permission)) })
}

function checkPersonal({ drive }: Target, body: Json, item: Item): void {
  if (drive.type !== 'personal' && body.password !== undefined)
    throw invalid('Passwords are supported on OneDrive Personal only.')
  if (drive.type === 'personal' && item.id === drive.root)
    throw invalid('Permissions of the root cannot be changed on OneDrive Personal.')
}

function permissionFor(recipient: Json, granted: readonly string[], body: Json): Permission {
  const email =
    textOf(recipient, 'email') ??
    textOf(recipient, 'alias') ??
    textOf(recipient, 'objectId')?.replace(/^object-of-/, '')
  if (email === undefined || email === '') throw invalid('A recipient needs an email, an alias or an objectId.')
  return {
    id: newId(),
    roles: granted,
    expires: textOf(body, 'expirationDateTime'),
    password: textOf(body, 'password'),
    shareId: `s!${newId()}`,
    invited: { email, signIn: body.requireSignIn === true },
    link: undefined,
  }
}

const newLink = {
  type: oneOf('view', 'edit', 'embed'),
  scope: oneOf('anonymous', 'organization', 'users'),
  password: text,
  expirationDateTime: time,
  retainInheritedPermissions: flag,
  message: text,
}

export async function createLink(call: Call, target: Target): Promise<Answer> {
  const item = itemOf(target)
  const { drive } = target
  const body = await readJson(call.incoming, 'microsoft.graph.createLink', newLink)
  checkPersonal(target, body, item)
  const type = textOf(body, 'type') ?? 'view'
  const scope = textOf(body, 'scope') ?? (drive.type === 'personal' ? 'anonymous' : 'organization')
  checkLink(call, target, type, scope)
  const same = ownPermissions(call.service, item).find(
    ({ link, password }) =>
      link?.type === type &&
      link.scope === scope &&
      link.application === call.caller.application &&
      password === textOf(body, 'password'),
  )
  if (same) return ok(resource(same))
  const shareId = `s!${newId()}`
  const webUrl =
    drive.type === 'personal'
      ? `https://1drv.ms/${item.kind === 'folder' ? 'f' : 'u'}/${shareId}`
      : `https://${call.cloud.sharepoint}/:u:/g/personal/${newId()}`
  const made: Permission = {
    id: newId(),
    roles: [type === 'edit' ? 'write' : 'read'],
    expires: textOf(body, 'expirationDateTime'),
    password: textOf(body, 'password'),
    shareId,
    invited: undefined,
    link: { type, scope, webUrl, application: call.caller.application },
  }
  replace(call.service, item, (all) => [...all, made])
  return { status: 201, json: resource(made) }
}

function checkLink({ service }: Call, { drive, item }: Target, type: string, scope: string): void {
  if (type === 'embed' && (drive.type !== 'personal' || item?.kind === 'folder'))
    throw invalid('Links of the type embed are for files of OneDrive Personal only.')
  if (scope === 'organization' && drive.type === 'personal')
    throw invalid('Links for an organization are not supported on OneDrive Personal.')
  if (scope === 'anonymous' && drive.type !== 'personal' && !service.anonymousLinks)
    throw new GraphError('accessDenied', {
      message: 'Anonymous sharing has been disabled by the administrator.',
      inner: 'sharingDisabled',
    })
}
