import { once } from 'node:events'
import { createServer } from 'node:http'
import type { CloudTree } from '../cloud-tree/cloud-tree.ts'
import type { Item } from '../cloud-tree/item.ts'
import { addressOf } from '../fault-proxy.ts'
import type { VendorRoutes } from '../vendor-routes.ts'
import { type Account, newAccountId, newMemberId } from './accounts.ts'
import { resetCursors } from './cursors.ts'
import { type Failure, failurePlan } from './failures.ts'
import { makeLink } from './links.ts'
import type { Exports } from './metadata.ts'
import { routes } from './routes.ts'
import { type SeenRequest, serve } from './serve.ts'
import { type Limits, newTree, type State } from './state.ts'
import { type App, type Grant, newAccessToken, newRefreshToken } from './token-directory.ts'
import { patient } from '../patient.ts'

export interface DropboxOptions {
  /** A team with a space of its own, whose members have a folder in it. Default: one personal account. */
  readonly team?: boolean | undefined
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Bytes that fit in. Default 2 GB, of a team 1 TB. */
  readonly allocated?: number | undefined
  readonly parentCasing?: State['parentCasing'] | undefined
  /** `false`: names with emoji are malformed, as they were for years. */
  readonly emoji?: boolean | undefined
  readonly redirectUris?: readonly string[] | undefined
}

export interface TokenSetting {
  /** Default: everything that the app may ask for. */
  readonly scopes?: readonly string[] | undefined
  /** Seconds. Default four hours. */
  readonly lifetime?: number | undefined
  /** E-mail of whose it is. Default: the first account. */
  readonly account?: string | undefined
  /** Of the whole team. */
  readonly team?: boolean | undefined
}

export interface IssuedToken {
  readonly accessToken: string
  readonly refreshToken: string
  /** As it is kept in the option `token`: JSON. */
  readonly blob: string
}

export interface SharedFolderSetting {
  readonly readOnly?: boolean | undefined
  readonly mountable?: boolean | undefined
  /** Mounted from the start, at the top of the first account. */
  readonly mounted?: boolean | undefined
}

export interface Dropbox {
  /** `http://127.0.0.1:PORT`, for all hosts of the vendor. */
  readonly endpoint: string
  /** For `vendorFetch` and the HTTPS proxy. */
  readonly routes: VendorRoutes
  readonly tree: CloudTree
  readonly app: App
  readonly accounts: readonly Account[]
  /** The folder that the paths of the first account start in. */
  readonly home: string
  /** What came since `forget`, in the order in which it was answered. */
  readonly requests: readonly SeenRequest[]
  /** How often a route was called since `forget`. */
  count(route: string): number
  forget(): void
  /** What the next calls meet. */
  fail(...failures: readonly Failure[]): void
  issueToken(setting?: TokenSetting): IssuedToken
  /** All access tokens that are out are expired from now on. */
  endTokens(): void
  /** Takes the consent back: access tokens become invalid, the refresh token is revoked. */
  revoke(refreshToken: string): void
  /** Says yes on the page of that address. @returns where the browser is sent */
  consent(authorizeUrl: string): Promise<URL>
  /** Another member of the team, with a home of their own. */
  addMember(email: string, setting?: { readonly isAdmin?: boolean }): Account
  setAllocated(bytes: number): void
  /** All cursors that are out answer `reset`. */
  resetCursors(): void
  /** Files below the home of the first account; folders around are made. */
  seed(files: Readonly<Record<string, string | Uint8Array>>): void
  /** A document of Paper, with what it can be taken out as, the usual format first. */
  addPaper(path: string, exports: Exports): Item
  /** The bytes of that file cannot be had any more. */
  restrict(path: string): void
  addSharedFolder(name: string, id: string, setting?: SharedFolderSetting): Item
  /** A file that somebody else shares by itself. @returns the URL of its link */
  addReceivedFile(name: string, bytes: Uint8Array): string
  close(): Promise<void>
}

const teamScopes = ['members.read', 'team_data.member', 'team_info.read']
const userScopes = [...new Set(routes.flatMap(({ auth, scope }) => (auth === 'team' || scope === null ? [] : [scope])))]
const gigabyte = 1_000_000_000

/** A simulator of Dropbox, with its OAuth, in memory, on a free port of loopback. */
export async function startDropbox(options: DropboxOptions = {}): Promise<Dropbox> {
  const isTeam = options.team ?? false
  const state = createState(options, isTeam)
  const { tree, accounts, tokens } = state
  const requests: SeenRequest[] = []
  const server = createServer(patient, (incoming, outgoing) => {
    serve(state, incoming, outgoing, (request) => requests.push(request)).catch(() => outgoing.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const endpoint = `http://127.0.0.1:${addressOf(server).port}`
  const [first] = accounts
  const [app] = tokens.apps.values()
  if (!first || !app) throw new Error('There is an account and an app.')
  const home = state.namespaces.get(first.home) ?? ''

  const folderFor = (path: string): { parent: string; name: string } => {
    const names = path.split('/').filter(Boolean)
    const name = names.pop() ?? ''
    const parent = names.reduce(
      (around, folder) => (tree.named(around, folder)[0] ?? tree.addFolder({ name: folder, parents: [around] })).id,
      home,
    )
    return { parent, name }
  }
  const add = (path: string, bytes: Uint8Array, facts?: Item['facts']): Item => {
    const { parent, name } = folderFor(path)
    return tree.addFile({ name, parents: [parent], bytes, facts })
  }

  return {
    endpoint,
    routes: vendorRoutes(endpoint),
    tree,
    app,
    accounts,
    home,
    requests,
    count: (route) => requests.filter((request) => request.route === route).length,
    forget: () => void requests.splice(0),
    fail: (...failures) => state.failures.add(...failures),
    issueToken: (setting) => issueToken(state, app, setting),
    endTokens() {
      for (const token of tokens.accessTokens.values()) token.expires = 0
    },
    revoke(refreshToken) {
      const grant = tokens.refreshTokens.get(refreshToken)
      if (grant) grant.revoked = true
    },
    consent: (authorizeUrl) => consentTo(endpoint, authorizeUrl),
    addMember: (email, { isAdmin = false } = {}) => addMember(state, email, isAdmin),
    setAllocated(bytes) {
      state.allocated = bytes
    },
    resetCursors: () => resetCursors(state),
    seed(files) {
      for (const [path, content] of Object.entries(files)) add(path, Buffer.from(content))
    },
    addPaper: (path, exports) => add(path, Buffer.alloc(0), { exports }),
    restrict(path) {
      const item = tree.at(home, path.split('/').filter(Boolean))
      if (item) tree.update(item.id, { facts: { restricted: true } })
    },
    addSharedFolder(name, id, { readOnly, mountable, mounted = false } = {}) {
      const facts = { sharedFolderId: id, readOnly, mountable }
      const folder = tree.addFolder({ name, parents: [mounted ? home : state.unmounted], facts })
      state.namespaces.set(id, folder.id)
      return folder
    },
    addReceivedFile(name, bytes) {
      return makeLink({ state }, tree.addFile({ name, parents: [state.received], bytes }), 'somebody else').url
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function createState(options: DropboxOptions, isTeam: boolean): State {
  const root = 'id:rootrootrootrootrootrr'
  const tree = newTree(root, options.now)
  const app: App = {
    key: 'filegatetestkey',
    secret: 'filegatetestsecret',
    redirectUris: options.redirectUris,
    scopes: isTeam ? [...userScopes, ...teamScopes] : userScopes,
  }
  const state: State = {
    tree,
    accounts: [],
    tokens: {
      apps: new Map([[app.key, app]]),
      codes: new Map(),
      refreshTokens: new Map(),
      accessTokens: new Map(),
      lifetime: 14_400,
      now: () => tree.now(),
    },
    namespaces: new Map([['3235641', root]]),
    cursors: new Map(),
    sessions: new Map(),
    links: new Map(),
    temporaryLinks: new Map(),
    jobs: new Map(),
    failures: failurePlan(),
    limits: { page: 500, request: 150 * 1024 * 1024, longpollSecond: 1000, jobPolls: 1, ...options.limits },
    allocated: options.allocated ?? (isTeam ? 1000 : 2) * gigabyte,
    unmounted: tree.addRoot({ id: 'id:unmountedunmountedunmo' }).id,
    received: tree.addRoot({ id: 'id:receivedreceivedreceiv' }).id,
    parentCasing: options.parentCasing ?? 'canonical',
    emoji: options.emoji ?? true,
  }
  if (isTeam) addMember(state, 'franz@example.com', true)
  else state.accounts.push(personalAccount)
  return state
}

const personalAccount: Account = {
  accountId: newAccountId(),
  email: 'franz@example.com',
  displayName: 'Franz Ferdinand',
  memberId: undefined,
  isAdmin: false,
  home: '3235641',
  root: '3235641',
  homePath: undefined,
}

function addMember({ tree, accounts, namespaces }: State, email: string, isAdmin: boolean): Account {
  const [root = ''] = tree.roots
  const name = email.replace(/@.*$/, '')
  const displayName = `${name.slice(0, 1).toUpperCase()}${name.slice(1)} Ferdinand`
  const home = String(4_000_001 + accounts.length)
  namespaces.set(home, tree.addFolder({ name: displayName, parents: [root] }).id)
  const account: Account = {
    accountId: newAccountId(),
    email,
    displayName,
    memberId: newMemberId(),
    isAdmin,
    home,
    root: '3235641',
    homePath: `/${displayName}`,
  }
  accounts.push(account)
  return account
}

function issueToken(state: State, app: App, setting: TokenSetting = {}): IssuedToken {
  const { tokens, accounts } = state
  const { team = false, account: email } = setting
  const account = email === undefined ? accounts[0] : accounts.find((one) => one.email === email)
  if (!account) throw new Error(`There is no account ${email}.`)
  const { scopes = team ? app.scopes : userScopes, lifetime = tokens.lifetime } = setting
  const grant: Grant = {
    app: app.key,
    account: team ? undefined : account.accountId,
    scopes,
    isPublic: false,
    revoked: false,
  }
  const accessToken = newAccessToken(tokens, grant, scopes, lifetime)
  const refreshToken = newRefreshToken(tokens, grant)
  const expiry = new Date(tokens.now() + lifetime * 1000).toISOString()
  const blob = { access_token: accessToken, token_type: 'bearer', refresh_token: refreshToken, expiry }
  return { accessToken, refreshToken, blob: JSON.stringify(blob) }
}

const vendorRoutes = (endpoint: string): VendorRoutes =>
  Object.fromEntries(
    [
      'api.dropboxapi.com',
      'api.dropbox.com',
      'content.dropboxapi.com',
      'notify.dropboxapi.com',
      'www.dropbox.com',
      'dropbox.com',
      '*.dl.dropboxusercontent.com',
    ].map((host) => [host, endpoint]),
  )

async function consentTo(endpoint: string, authorizeUrl: string): Promise<URL> {
  const asked = new URL(authorizeUrl)
  const target = `${endpoint}${asked.pathname}${asked.search}`
  const headers = { 'x-forwarded-host': asked.host }
  const page = await fetch(target, { headers })
  if (!page.ok) throw new Error(`The page says: ${await page.text()}`)
  await page.body?.cancel()
  const body = new URLSearchParams({ choice: 'allow' })
  const sent = await fetch(target, { method: 'POST', body, headers, redirect: 'manual' })
  const location = sent.headers.get('location')
  if (location === null) throw new Error(`Nobody is sent anywhere: ${await sent.text()}`)
  await sent.body?.cancel()
  return new URL(location)
}
