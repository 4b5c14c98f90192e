import type { IncomingHttpHeaders } from 'node:http'
import { rootInfoOf, type Account } from './accounts.ts'
import { badInput, forbidden, pathRootError, tagged, type Tagged, unauthorized } from './api-error.ts'
import { pathRootType } from './arguments.ts'
import { isOpenTo } from './places.ts'
import type { ApiRoute } from './routes.ts'
import type { State } from './state.ts'
import { Invalid } from './stone.ts'
import type { AccessToken } from './token-directory.ts'

export interface Caller {
  readonly account: Account | undefined
  readonly base: string
}

const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value

/** Who calls, and from which folder on their paths go. */
export function authorize(state: State, route: ApiRoute, headers: IncomingHttpHeaders): Caller {
  const nobody = { account: undefined, base: state.tree.roots[0] ?? '' }
  if (route.auth === 'noauth') {
    if (headers.authorization !== undefined) throw badInput('Unexpected HTTP header "Authorization".')
    return nobody
  }
  if (route.auth === 'app, user' && headers.authorization?.startsWith('Basic ')) {
    checkApp(state, headers.authorization)
    return nobody
  }
  const token = findToken(state, headers.authorization)
  if (route.scope !== null) needScope(token, route.scope)
  const isTeam = token.grant.account === undefined
  if (route.auth === 'team') {
    if (!isTeam)
      throw badInput(
        'This API function operates on a team, but the OAuth 2 access token you provided is for a single Dropbox account.',
      )
    return nobody
  }
  const account = isTeam ? selectedMember(state, route, token, headers) : ownAccount(state, token, headers)
  if (route.accounts === 'team' && account.memberId === undefined) {
    throw forbidden(tagged('invalid_account_type', tagged('endpoint')))
  }
  return { account, base: baseOf(state, account, headers) }
}

function checkApp({ tokens }: State, authorization: string): void {
  const [key = '', secret] = Buffer.from(authorization.slice('Basic '.length), 'base64').toString().split(':')
  if (tokens.apps.get(key)?.secret !== secret) throw badInput('Invalid app key and secret.')
}

function findToken({ tokens }: State, authorization: string | undefined): AccessToken {
  if (authorization === undefined) {
    throw badInput('Must provide HTTP header "Authorization" or URL parameter "authorization".')
  }
  const text = /^Bearer +(.*)$/i.exec(authorization)?.[1]
  if (text === undefined) {
    throw badInput(
      `Invalid authorization value in HTTP header "Authorization": "${authorization}".  Expecting "Bearer ...".`,
    )
  }
  if (!/^[\w.~+/-]+=*$/.test(text)) throw badInput('The given OAuth 2 access token is malformed.')
  const token = tokens.accessTokens.get(text)
  if (!token || token.grant.revoked) throw unauthorized(tagged('invalid_access_token'))
  if (token.expires <= tokens.now()) throw unauthorized(tagged('expired_access_token'))
  return token
}

export function needScope(token: AccessToken, scope: string): void {
  if (!token.scopes.includes(scope)) throw unauthorized(tagged('missing_scope', { required_scope: scope }))
}

const selectUser = 'dropbox-api-select-user'
const selectAdmin = 'dropbox-api-select-admin'

function ownAccount({ accounts }: State, token: AccessToken, headers: IncomingHttpHeaders): Account {
  const account = accounts.find(({ accountId }) => accountId === token.grant.account)
  if (!account) throw unauthorized(tagged('invalid_access_token'))
  const given = [selectUser, selectAdmin].find((name) => headers[name] !== undefined)
  if (given === undefined) return account
  const title = given === selectUser ? 'Dropbox-API-Select-User' : 'Dropbox-API-Select-Admin'
  throw badInput(`You can only use the HTTP header "${title}" with an access token of a team.`)
}

function selectedMember(state: State, route: ApiRoute, token: AccessToken, headers: IncomingHttpHeaders): Account {
  const user = one(headers[selectUser])
  const admin = one(headers[selectAdmin])
  if (user !== undefined && admin !== undefined) {
    throw badInput(
      'Only one of the HTTP headers "Dropbox-API-Select-User" and "Dropbox-API-Select-Admin" can be given.',
    )
  }
  const id = user ?? admin
  if (id === undefined) {
    throw badInput(
      'This API function operates on a single Dropbox account, but the OAuth 2 access token you provided is for an entire Dropbox Business team.  Since your API app key has team member file access permissions, you can operate on a team member\'s Dropbox by providing the "Dropbox-API-Select-User" HTTP header or "select_user" URL parameter to specify the exact user <https://www.dropbox.com/developers/documentation/http/teams>.',
    )
  }
  needScope(token, 'team_data.member')
  if (!id.startsWith('dbmid:')) throw badInput('Invalid select user id format')
  const account = state.accounts.find(({ memberId }) => memberId === id)
  if (user !== undefined && !account) throw unauthorized(tagged('invalid_select_user'))
  if (admin !== undefined && (!account?.isAdmin || route.admin === undefined)) {
    throw unauthorized(tagged('invalid_select_admin'))
  }
  if (!account) throw unauthorized(tagged('invalid_select_user'))
  return account
}

/** Dropbox-API-Path-Root, common.stone. */
function baseOf(state: State, account: Account, headers: IncomingHttpHeaders): string {
  const folderOf = (id: string): string => state.namespaces.get(id) ?? ''
  const written = one(headers['dropbox-api-path-root'])
  // Administrators act in what belongs to the whole team.
  if (written === undefined) return folderOf(headers[selectAdmin] === undefined ? account.home : account.root)
  const root = readPathRoot(written)
  if (root.tag === 'home') return folderOf(account.home)
  if (root.tag === 'root') {
    if (root.value === account.root) return folderOf(account.root)
    // The one struct with subtypes that a tag carries.
    const info: Tagged = { ...rootInfoOf(account) }
    throw pathRootError({ '.tag': 'invalid_root', invalid_root: info })
  }
  if (!isOpenTo(state, account.root, root.value)) throw pathRootError(tagged('no_permission'))
  return folderOf(root.value)
}

function readPathRoot(written: string): ReturnType<typeof pathRootType> {
  const where = 'HTTP header "Dropbox-API-Path-Root"'
  let value: unknown
  try {
    value = JSON.parse(written)
  } catch {
    throw badInput(`${where}: could not decode input as JSON`)
  }
  try {
    return pathRootType(value)
  } catch (error) {
    throw error instanceof Invalid ? badInput(`${where}: ${error.message}`) : error
  }
}
