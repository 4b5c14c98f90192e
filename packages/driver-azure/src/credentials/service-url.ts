import { isIP } from 'node:net'

/** The address of a service, and what stands behind it in a longer URL. */
export interface ServiceUrl {
  /** Without a query and without `/` at its end. */
  readonly url: string
  /** Name of the account, as far as the address tells it. */
  readonly account: string
  /** The container or share that the URL goes on to; empty without one. */
  readonly container: string
}

/** `undefined` for what is no address of a service. */
export function parseServiceUrl(text: string): ServiceUrl | undefined {
  const said = text.trim()
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(said) ? said : `https://${said}`)
  if (!url || !/^https?:$/.test(url.protocol) || url.username + url.password !== '' || said === '') return undefined
  const segments = url.pathname.split('/').filter((segment) => segment !== '')
  // Emulators and appliances, which have no host for each account, have the account in the path.
  const { hostname, port } = url
  const inPath = port !== '' || !hostname.includes('.') || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  const account = inPath ? segments.shift() : hostname.split('.')[0]
  if (segments.length > 1) return undefined
  const base = inPath && account !== undefined ? `${url.origin}/${account}` : url.origin
  return { url: base, account: account ?? '', container: segments[0] ?? '' }
}
