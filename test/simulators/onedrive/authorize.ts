import type { IncomingHttpHeaders } from 'node:http'
import type { Item } from '../cloud-tree/item.ts'
import { readToken } from '../entra/json-web-token.ts'
import type { Cloud } from './clouds.ts'
import { GraphError } from './graph-error.ts'
import type { Caller, Drive, Service } from './service.ts'

// Source: Microsoft Graph permissions reference; the messages are those that Graph gives for tokens.

const challenge = (cloud: Cloud): Readonly<Record<string, string>> => ({
  'WWW-Authenticate': `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000", resource="${cloud.resource}"`,
})

const refuse = (cloud: Cloud, message: string): GraphError =>
  new GraphError('InvalidAuthenticationToken', { message, headers: challenge(cloud) })

/** @throws InvalidAuthenticationToken */
export function callerOf({ entra }: Service, cloud: Cloud, { authorization }: IncomingHttpHeaders): Caller {
  if (authorization === undefined) throw refuse(cloud, 'Access token is empty.')
  const [, given = ''] = /^Bearer (.*)$/i.exec(authorization) ?? []
  const token = readToken(given)
  if (token === undefined) throw refuse(cloud, 'CompactToken parsing failed with error code: 80049217')
  const reason = entra.checkToken(given)
  if (reason !== undefined) throw refuse(cloud, reason)
  const { aud, scp = '', roles = [], upn, appid } = token.claims
  if (aud !== cloud.resource) throw refuse(cloud, 'Access token validation failure. Invalid audience.')
  return {
    user: typeof upn === 'string' ? upn : undefined,
    application: String(appid),
    scopes: typeof upn === 'string' ? String(scp).split(' ') : Array.isArray(roles) ? roles.map(String) : [],
  }
}

export type Access = 'read' | 'write'

const ofMine: Readonly<Record<Access, readonly string[]>> = {
  read: ['Files.Read', 'Files.ReadWrite'],
  write: ['Files.ReadWrite'],
}
const ofAll: Readonly<Record<Access, readonly string[]>> = {
  read: ['Files.Read.All', 'Files.ReadWrite.All', 'Sites.Read.All', 'Sites.ReadWrite.All'],
  write: ['Files.ReadWrite.All', 'Sites.ReadWrite.All'],
}

const has = (caller: Caller, scopes: readonly string[]): boolean =>
  scopes.some((scope) => caller.scopes.includes(scope))

/** Personal accounts know no sites. */
const enough = (scopes: readonly string[], drive: Drive): readonly string[] =>
  drive.type === 'personal' ? scopes.filter((scope) => scope.startsWith('Files.')) : scopes

/** @throws accessDenied when the token is not for this, or nobody shared it with this user */
export function checkAccess(service: Service, caller: Caller, access: Access, drive: Drive, item?: Item): void {
  const forAll = has(caller, enough(ofAll[access], drive))
  const mine = drive.owner === caller.user && drive.type !== 'documentLibrary'
  if (mine && (forAll || has(caller, ofMine[access]))) return
  if (!forAll) throw new GraphError('accessDenied', { inner: 'accessDenied' })
  if (mine || caller.user === undefined || drive.type === 'documentLibrary') return
  if (item === undefined || !isShared(service, caller.user, access, item))
    throw new GraphError('accessDenied', { inner: 'accessRestricted' })
}

/** Whether the item, or a folder around it, was shared with that user. */
function isShared({ tree, permissions }: Service, user: string, access: Access, item: Item): boolean {
  for (let at: Item | undefined = item; at; at = tree.get(at.parents[0] ?? '')) {
    const found = permissions.get(at.id)?.find(({ invited }) => invited?.email.toLowerCase() === user.toLowerCase())
    if (found && (access === 'read' || found.roles.includes('write'))) return true
  }
  return false
}
