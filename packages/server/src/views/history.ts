import { StorageError, type StoragePath } from '@filegate/core'
import { jsonType } from '../errors.ts'
import { entryJson } from '../journal/entry.ts'
import type { PastContext } from './past-view.ts'

/** What happened to a file, the oldest first, a page at a time. What happened where the caller may not read is left out. */
export async function history({ request, scope, journal, reply }: PastContext): Promise<Response> {
  const { query, path } = request
  const limit = query.integer('limit', { default: 100, min: 1, max: 1000 })
  const afterId = query.integer('after_id', { default: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  const found = await journal.queries.history(path, { afterId, limit: limit + 1 })
  if (found.length === 0 && afterId === 0) {
    throw new StorageError('NotFound', `The journal knows nothing of /${path}.`, { path })
  }
  const page = found.slice(0, limit)
  const shows = (path: StoragePath): boolean => ['read', 'write'].includes(scope.level(path))
  const readable = page.filter((entry) => shows(entry.path))
  const kept = await journal.queries.kept(readable.flatMap(({ before, after }) => [before, after]))
  const hasMore = found.length > limit
  const body = {
    path: `/${path}`,
    revisions: readable.map((entry) => entryJson(entry, { kept, shows })),
    count: readable.length,
    has_more: hasMore,
    next_after_id: hasMore ? (page.at(-1)?.id ?? null) : null,
  }
  return reply(200, { 'content-type': jsonType, 'cache-control': 'no-cache' }, JSON.stringify(body))
}
