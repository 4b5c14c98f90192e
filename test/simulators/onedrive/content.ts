import { currentRevision, type Item } from '../cloud-tree/item.ts'
import type { Answer } from './answer.ts'
import { GraphError, invalid } from './graph-error.ts'
import { downloadUrl } from './item-resource.ts'
import { itemAnswer } from './items.ts'
import { virus } from './malware.ts'
import { behaviorOf, checkConditions, checkLock, findPlace, isUnchanged, itemOf, viewOf } from './place.ts'
import { bytesAnswer } from './ranges.ts'
import { readBytes } from './read-body.ts'
import type { Call, Target } from './service.ts'
import { nextVersion } from './version-number.ts'

/** Bytes that a simple upload takes at most. */
const mostSimple = 250 * 1_048_576

function readableOf(target: Target): Item {
  const item = itemOf(target)
  if (item.kind !== 'file' || item.facts.package !== undefined || item.facts.remote !== undefined)
    throw invalid('Only items with the file property have content.')
  return item
}

/** Beta has a header for it, older clients a parameter. */
const mayBeInfected = ({ url, headers, query }: Call): boolean =>
  query.get('AVOverride') === '1' ||
  (url.pathname.startsWith('/beta/') &&
    /(?:^|[,\s])forceInfectedDownload(?:$|[,\s])/i.test(String(headers.prefer ?? '')))

function checkInfection(call: Call, { facts: { malware } }: Item): void {
  if (malware !== undefined && !mayBeInfected(call))
    throw new GraphError('malwareDetected', {
      message: 'Malware was detected in the requested resource.',
      inner: 'virusSuspicious',
      headers: virus(malware),
    })
}

/** `GET content`: leads to a pre-signed address. */
export function getContent(call: Call, target: Target): Answer {
  const item = readableOf(target)
  if (isUnchanged(call, target)) return { status: 304 }
  checkInfection(call, item)
  const Location = downloadUrl(viewOf(call, target), item, undefined, mayBeInfected(call))
  return { status: 302, headers: { Location } }
}

/** `GET contentStream`, of beta only: the bytes themselves. */
export function getContentStream(call: Call, target: Target): Answer {
  if (!call.url.pathname.startsWith('/beta/'))
    throw new GraphError('BadRequest', { message: "Resource not found for the segment 'contentStream'." })
  const item = readableOf(target)
  checkInfection(call, item)
  return bytesAnswer(currentRevision(item)?.bytes ?? Buffer.alloc(0), item.name, call.headers.range)
}

/** `PUT content`: a new file, or new bytes for one. */
export async function putContent(call: Call, target: Target): Promise<Answer> {
  const bytes = await readBytes(call.incoming, mostSimple)
  const { item, place } = target
  checkConditions(call, target)
  checkLock(item)
  if (call.headers['content-range'] !== undefined) throw invalid('Content-Range is for upload sessions.')
  const behavior = behaviorOf(call.query.get('@microsoft.graph.conflictBehavior'), 'replace')
  if (item && (place === undefined || behavior === 'replace')) {
    readableOf(target)
    const revisionFacts = { version: nextVersion(item) }
    return itemAnswer(call, target, call.service.tree.write(item.id, bytes, { revisionFacts }))
  }
  if (place === undefined) throw new GraphError('itemNotFound')
  const { parent, name } = findPlace(call.service, place.parent, place.name, behavior)
  call.service.makeIdsFor(target.drive)
  return itemAnswer(call, target, call.service.tree.addFile({ name, parents: [parent.id], bytes }), 201)
}
