import { EntraError } from './entra-error.ts'

// Source: Scopes and permissions in the Microsoft identity platform; Microsoft Graph permissions reference; national clouds.

/** What Microsoft Graph is called in each cloud, by the host that users sign in at. */
const graphOf = new Map([
  ['login.microsoftonline.com', 'https://graph.microsoft.com'],
  ['login.microsoftonline.us', 'https://graph.microsoft.us'],
  ['login.microsoftonline.de', 'https://graph.microsoft.de'],
  ['login.chinacloudapi.cn', 'https://microsoftgraph.chinacloudapi.cn'],
  ['login.partner.microsoftonline.cn', 'https://microsoftgraph.chinacloudapi.cn'],
])

/** Where users sign in, whatever cloud they are in. */
export const signInHosts: readonly string[] = [...graphOf.keys()]

export const graphResources: readonly string[] = [...new Set(graphOf.values())]

const forSigningIn = ['openid', 'profile', 'offline_access', 'email']

/** Those of Microsoft Graph that have to do with files. */
const ofGraph = [
  'Files.Read',
  'Files.Read.All',
  'Files.ReadWrite',
  'Files.ReadWrite.All',
  'Files.ReadWrite.AppFolder',
  'Sites.Read.All',
  'Sites.ReadWrite.All',
  'User.Read',
]

export interface Asked {
  readonly resource: string
  /** Without the resource before them. `.default` stands for all that the user allowed. */
  readonly scopes: readonly string[]
  readonly signingIn: readonly string[]
}

/**
 * What a user is asked to allow, all of one resource.
 * @param host where the user signs in: names without a resource before them are Microsoft Graph's, of this cloud
 */
export function askedScopes(scope: string, host: string, resources: readonly string[]): Asked {
  const names = scope.split(' ').filter((name) => name !== '')
  const signingIn = names.filter((name) => forSigningIn.includes(name))
  const graph = graphOf.get(host) ?? 'https://graph.microsoft.com'
  const parts = names.filter((name) => !forSigningIn.includes(name)).map((name) => partsOf(name, graph, resources))
  const [first] = parts
  if (parts.some(({ resource }) => resource !== first?.resource)) throw new EntraError(70011, scope)
  const granted = new Set(parts.map((part) => part.scope))
  return { resource: first?.resource ?? graph, scopes: [...granted], signingIn }
}

function partsOf(
  name: string,
  graph: string,
  resources: readonly string[],
): { readonly resource: string; readonly scope: string } {
  const known = ofGraph.find((each) => each.toLowerCase() === name.toLowerCase())
  if (known !== undefined) return { resource: graph, scope: known }
  const resource = resources.find((each) => name.toLowerCase().startsWith(`${each.toLowerCase()}/`))
  if (resource === undefined) throw new EntraError(70011, name)
  const scope = name.slice(resource.length + 1)
  const full = [...ofGraph, '.default', 'user_impersonation'].find((each) => each.toLowerCase() === scope.toLowerCase())
  if (full === undefined) throw new EntraError(70011, name)
  return { resource, scope: full }
}
