import { jsonType } from '../errors.ts'
import { glob as search } from '../search/glob.ts'
import { globBody } from '../search/glob-body.ts'
import { globRequest } from '../search/glob-request.ts'
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
    const { globs, globThreads: threads, knownFolders: known } = services.search
    const { path, signal } = request
    const release = await globs.take(signal)
    try {
      const started = performance.now()
      const outcome = await search({ storage, local, scope, path, threads, known }, wanted, signal)
      const duration = Math.round(performance.now() - started)
      return reply(200, headers, globBody(outcome, { path, pattern: request.query.text('glob') ?? '', duration }))
    } finally {
      release()
    }
  },
}
