import { notFound } from '@filegate/core'
import type { Reply } from '../http/reply.ts'
import type { Assets } from '../pages/assets.ts'

/**
 * Answers `{base}/{name}`. The name of an older set of assets is answered with the present one, but not for keeps: a page
 * that was loaded before a restart still gets its style.
 */
export function serveAsset(assets: Assets, pathname: string, method: string, reply: Reply): Response {
  const name = pathname.slice(pathname.lastIndexOf('/') + 1)
  const asset = assets.get(name)
  if (!asset) throw notFound(pathname.replace(/^\/+/, ''))
  const current = pathname === `${assets.base}/${name}`
  const headers = {
    'content-type': asset.type,
    'content-length': String(asset.bytes.length),
    'cache-control': current ? 'public, max-age=31536000, immutable' : 'no-cache',
    // Nobody should open an icon file as a page, but who does must not run what an operator's file may hold.
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  }
  return reply(200, headers, method === 'HEAD' ? null : asset.bytes)
}
