import { jsonType } from '../errors.ts'
import { grep as search } from '../search/grep.ts'
import { grepBody } from '../search/grep-body.ts'
import { grepRequest } from '../search/grep-request.ts'
import type { View } from './view.ts'

const headers = { 'content-type': jsonType, 'cache-control': 'no-store' }

/** The lines of a file, or of all files below a directory, that match a pattern. */
export const grep: View = {
  name: 'grep',
  takes: 'any',
  feature: 'grep',
  async respond({ request, source, storage, local, scope, services, reply }) {
    const wanted = grepRequest(request.query)
    if (request.method === 'HEAD') return reply(200, headers, null)
    const { greps, grepThreads: threads } = services.search
    const { path, signal } = request
    const release = await greps.take(signal)
    try {
      const started = performance.now()
      const outcome = await search({ source, storage, local, scope, path, threads }, wanted, signal)
      const duration = Math.round(performance.now() - started)
      return reply(200, headers, grepBody(outcome, { path, pattern: request.query.text('grep') ?? '', duration }))
    } finally {
      release()
    }
  },
}
