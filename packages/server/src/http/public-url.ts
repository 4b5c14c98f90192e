import type { Settings } from '../settings.ts'
import type { Incoming } from './read-request.ts'

const authority = /^[\w.-]+(?::\d{1,5})?$|^\[[0-9a-f:.]+\](?::\d{1,5})?$/i

/**
 * The URL under which the caller reaches everything that is served, without a trailing slash; undefined when the request does not
 * say. What proxies add is not asked, as anybody can: behind one there is `--public-url`.
 */
export function publicUrl(
  { publicUrl: chosen, tls, pathPrefix }: Pick<Settings, 'publicUrl' | 'tls' | 'pathPrefix'>,
  { header }: Pick<Incoming, 'header'>,
): string | undefined {
  if (chosen !== undefined) return chosen
  const host = header('host')
  if (host === undefined || !authority.test(host)) return undefined
  const url = URL.parse(`${tls ? 'https' : 'http'}://${host}`)
  return url ? `${url.origin}${pathPrefix}` : undefined
}

/** The same for a path below it; without an origin where that is not known. */
export const publicUrlOf =
  (settings: Pick<Settings, 'publicUrl' | 'tls' | 'pathPrefix'>, incoming: Pick<Incoming, 'header'>) =>
  (path: string): string =>
    `${publicUrl(settings, incoming) ?? settings.pathPrefix}${path}`
