import { digestOf } from '../cloud-tree/digest-of.ts'
import { currentRevision } from '../cloud-tree/item.ts'
import { revisionNotFound } from './drive-error.ts'
import { type Answer, type Exchange, fileOf, show } from './exchange.ts'
import { checkDownload, download } from './files.ts'
import { answerBytes } from './media.ts'
import { typeOf } from './simulation.ts'

/** `files.get` of version 2: as much of it as leads to a download. */
export function getOldFile(exchange: Exchange): Answer {
  const { query, headers } = exchange
  const item = fileOf(exchange)
  const newest = currentRevision(item)
  if (query.get('alt') === 'media') {
    const wanted = query.get('revisionId')
    if (wanted === null) return download(exchange, item)
    checkDownload(exchange, item)
    const revision = item.revisions.find(({ id }) => id === wanted)
    if (!revision) throw revisionNotFound(wanted)
    return answerBytes(revision.bytes, revision.contentType ?? typeOf(item), headers)
  }
  return show('oldFile', {
    kind: 'drive#file',
    id: item.id,
    etag: `"${item.sequence}"`,
    title: item.name,
    mimeType: typeOf(item),
    ...(newest && {
      fileSize: String(newest.bytes.length),
      md5Checksum: digestOf(newest.bytes, 'md5').toString('hex'),
      downloadUrl: `${exchange.origin}/drive/v2/files/${item.id}?alt=media&source=downloadUrl`,
    }),
  })
}
