import { StorageError } from '@filegate/core'

/** The proxies that requests for backends go through, as URLs, and the hosts that need none, as in NO_PROXY. Holds passwords. */
export interface ProxySettings {
  readonly https?: string | undefined
  readonly http?: string | undefined
  readonly exceptions: readonly string[]
}

/**
 * What was chosen for the server (a URL, or `none`) or else the convention of the environment: HTTPS_PROXY, HTTP_PROXY and
 * NO_PROXY, where names in lower case go first. Exceptions hold for a chosen proxy, too.
 * @throws StorageError `InvalidArgument` without repeating a URL, since it may hold a password
 */
export function readProxy(chosen: string | undefined, variables: NodeJS.ProcessEnv): ProxySettings | undefined {
  if (chosen === 'none') return undefined
  const named = (name: string): string | undefined => variables[name.toLowerCase()] || variables[name] || undefined
  const exceptions = (named('NO_PROXY') ?? '').split(/[\s,]+/).filter((entry) => entry !== '')
  if (chosen !== undefined) {
    const url = parseProxy(chosen)
    return { https: url, http: url, exceptions }
  }
  const [https, http] = ['HTTPS_PROXY', 'HTTP_PROXY'].map((name) => {
    const text = named(name)
    return text === undefined ? undefined : parseProxy(text, `${name} `)
  })
  return https === undefined && http === undefined ? undefined : { https, http, exceptions }
}

/** @param name what the message begins with */
export function parseProxy(text: string, name = ''): string {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url && ['http:', 'https:'].includes(url.protocol) && url.hostname !== '') return url.href
  const example = 'http://proxy.example.com:3128'
  throw new StorageError('InvalidArgument', `${name}takes the address of an HTTP proxy, such as ${example}, or none`)
}
