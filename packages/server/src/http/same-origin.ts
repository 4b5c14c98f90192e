import { problem } from './problem.ts'
import type { Incoming } from './read-request.ts'

/**
 * Refuses a change that a web page of another origin asks for: the browser sends along the log-in of whoever looks at the page.
 * Browsers say where a request comes from; what is no browser says nothing, and has no log-in to be misused.
 * @throws StorageError with status 403
 */
export function checkSameOrigin(incoming: Pick<Incoming, 'header'>): void {
  const site = incoming.header('sec-fetch-site')
  const origin = incoming.header('origin')
  const isOwn =
    site === undefined ? isOwnOrigin(origin, incoming.header('host')) : site === 'same-origin' || site === 'none'
  if (isOwn) return
  const message = 'Requests that change something are accepted from pages of this server only.'
  throw problem('AccessDenied', { code: 'CROSS_ORIGIN' }, message)
}

/** Over plain HTTP to another machine browsers send no `Sec-Fetch-Site`; `Origin` they always send with a change. */
function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}
