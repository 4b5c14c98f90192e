import { jsonType } from '../errors.ts'
import type { PastContext } from './past-view.ts'

/** What happened to a file, the oldest first, a page at a time. */
export async function history({ request, past, reply }: PastContext): Promise<Response> {
  const { query, path } = request
  const limit = query.integer('limit', { default: 100, min: 1, max: 1000 })
  const afterId = query.integer('after_id', { default: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  const { revisions, hasMore, nextAfterId } = await past.history({ afterId, limit })
  const body = {
    path: `/${path}`,
    revisions,
    count: revisions.length,
    has_more: hasMore,
    next_after_id: nextAfterId,
  }
  return reply(200, { 'content-type': jsonType, 'cache-control': 'no-cache' }, JSON.stringify(body))
}
