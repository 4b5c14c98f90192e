import type { IncomingHttpHeaders } from 'node:http'
import { currentRevision } from '../cloud-tree/item.ts'
import type { Answer } from './answer.ts'
import { GraphError } from './graph-error.ts'
import { virus } from './malware.ts'
import { bytesAnswer } from './ranges.ts'
import type { Service } from './service.ts'

/**
 * What a pre-signed address gives. It says who may, so that a token besides is refused.
 * @throws GraphError
 */
export function download(service: Service, method: string, token: string, headers: IncomingHttpHeaders): Answer {
  if (method !== 'GET' && method !== 'HEAD') throw new GraphError('notAllowed')
  if (headers.authorization !== undefined && service.refusesTokens)
    throw new GraphError('unauthenticated', { message: 'A pre-authenticated address takes no Authorization header.' })
  const { tree } = service
  const found = service.downloads.get(token)
  if (found === undefined || found.expires <= tree.now())
    throw new GraphError('unauthenticated', { message: 'The tempauth token has expired.' })
  const item = tree.get(found.item)
  if (!item || tree.isTrashed(item.id)) throw new GraphError('itemNotFound')
  const revision =
    found.revision === undefined ? currentRevision(item) : item.revisions.find(({ id }) => id === found.revision)
  if (!revision) throw new GraphError('itemNotFound')
  const { malware } = item.facts
  if (malware !== undefined && !found.infected)
    throw new GraphError('malwareDetected', {
      inner: 'virusSuspicious',
      headers: virus(malware),
    })
  const answer = bytesAnswer(revision.bytes, item.name, headers.range)
  return { ...answer, headers: { ...answer.headers, ETag: `"{${item.id}},${revision.id}"` } }
}
