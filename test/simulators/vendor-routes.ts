/**
 * Where the simulator of each host listens: `{ 'www.googleapis.com': 'http://127.0.0.1:4000' }`. `*.example.com` is every host
 * one label below, as in a certificate.
 */
export type VendorRoutes = Readonly<Record<string, string>>

/** @param host a name without a port */
export function findRoute(routes: VendorRoutes, host: string): string | undefined {
  const name = host.toLowerCase()
  const route = own(routes, name) ?? own(routes, name.replace(/^[^.]+/, '*'))
  return route?.replace(/\/$/, '')
}

const own = (routes: VendorRoutes, name: string): string | undefined =>
  Object.hasOwn(routes, name) ? routes[name] : undefined
