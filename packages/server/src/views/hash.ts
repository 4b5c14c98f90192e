import { isADirectory } from '@filegate/core'
import { jsonType } from '../errors.ts'
import { conditionalStatus } from '../http/conditional.ts'
import { validators } from '../http/validators.ts'
import type { View } from './view.ts'

const digestLength = 64

/** The SHA-256 of a file: bare on the basic surface, in JSON on v1. */
export const hash: View = {
  name: 'hash',
  takes: 'file',
  feature: 'hash',
  async respond({ request, source, services, reply }) {
    const { entry } = source
    if (entry.kind !== 'file') throw isADirectory(request.path)
    const decided = conditionalStatus((name) => request.header(name), entry)
    if (decided !== undefined) return reply(decided, decided === 304 ? validators(entry) : {}, null)

    const inJson = request.surface === 'v1'
    const show = (sha256: string): string => (inJson ? JSON.stringify({ hash: sha256, algorithm: 'sha256' }) : sha256)
    const headers = {
      'content-type': inJson ? jsonType : 'text/plain; charset=utf-8',
      'content-length': String(show('0'.repeat(digestLength)).length),
    }
    if (request.method === 'HEAD') return reply(200, { ...headers, ...validators(entry) }, null)
    const { sha256, steady } = await services.digests.sha256(source, request.signal)
    // A digest of a file that was being changed proves nothing about the file the validators describe.
    return reply(200, { ...headers, ...(steady ? validators(entry) : { 'cache-control': 'no-store' }) }, show(sha256))
  },
}
