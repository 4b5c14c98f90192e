import { jsonType } from '../errors.ts'
import { glob as search } from '../search/glob.ts'
import { globRequest } from '../search/glob-request.ts'
import type { TreeEntry } from '../search/tree-walk.ts'
import type { View } from './view.ts'

const headers = { 'content-type': jsonType, 'cache-control': 'no-store' }

/** What below a directory has a path that matches a pattern. */
export const glob: View = {
  name: 'glob',
  takes: 'directory',
  feature: 'search',
  async respond({ request, storage, local, scope, services, reply }) {
    const wanted = globRequest(request.query)
    if (request.method === 'HEAD') return reply(200, headers, null)
    const { path, signal } = request
    const release = await services.search.globs.take(signal)
    try {
      const started = performance.now()
      const { entries, scanned, truncated } = await search({ storage, local, scope, path }, wanted, signal)
      const answer = {
        count: entries.length,
        duration_ms: Math.round(performance.now() - started),
        entries: entries.map(entryInJson),
        path: `/${path}`,
        pattern: request.query.text('glob'),
        total_scanned: scanned,
        truncated,
      }
      return reply(200, headers, JSON.stringify(answer))
    } finally {
      release()
    }
  },
}

/** Times are in whole seconds here, unlike in listings. */
const entryInJson = ({ kind, path, size, modified }: TreeEntry) => ({
  is_dir: kind === 'directory',
  modified: modified === undefined ? null : Math.floor(modified / 1000),
  name: `/${path}`,
  size: size ?? 0,
})
