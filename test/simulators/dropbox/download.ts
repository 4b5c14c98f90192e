import type { files } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import { digestOf } from '../cloud-tree/digest-of.ts'
import type { Item } from '../cloud-tree/item.ts'
import { asPath, endpointError, lookupProblem, saying, tagged } from './api-error.ts'
import type { ArgumentOf } from './arguments.ts'
import type { Call, Download } from './call.ts'
import { exportsOf, fileMetadata, needRevision } from './metadata.ts'
import { type Found, lookUpFile } from './places.ts'
import type { State } from './state.ts'

/** `rev` beside a path is the older form of a path `rev:`. */
function findReadable(call: Call, { path, rev }: ArgumentOf<'readable'>): Found {
  const found = lookUpFile(call, rev === undefined ? path : `rev:${rev}`)
  if (found.item.facts.restricted === true) throw lookupProblem('restricted_content')
  return found
}

export function download(call: Call, argument: ArgumentOf<'readable'>): Download {
  const { item, revision = needRevision(item) } = saying(asPath, () => findReadable(call, argument))
  if (exportsOf(item)) throw endpointError(tagged('unsupported_file'))
  const result: files.FileMetadata = fileMetadata(call, item, revision)
  return { bytes: revision.bytes, result, rev: revision.id, hasRanges: true }
}

export function exportFile(call: Call, argument: ArgumentOf<'export'>): Download {
  const { path, export_format: format } = argument
  const { item } = saying(asPath, () => findReadable(call, { path, rev: undefined }))
  const exports = exportsOf(item)
  if (!exports) throw endpointError(tagged('non_exportable'))
  const [usual = ''] = exports.keys()
  const bytes = exports.get(format ?? usual)
  if (!bytes) throw endpointError(tagged('invalid_export_format'))
  const result: files.ExportResult = {
    export_metadata: {
      name: `${item.name.replace(/\.[^.]*$/, '')}.${format ?? usual}`,
      size: bytes.length,
      export_hash: digestOf(bytes, 'dropbox').toString('hex'),
      paper_revision: item.revisions.length,
    },
    file_metadata: fileMetadata(call, item),
  }
  return { bytes, result, rev: needRevision(item).id, hasRanges: false }
}

const temporaryHours = 4

export function getTemporaryLink(call: Call, argument: ArgumentOf<'temporaryLink'>): files.GetTemporaryLinkResult {
  const { item } = saying(asPath, () => findReadable(call, { path: argument.path, rev: undefined }))
  if (exportsOf(item)) throw endpointError(tagged('unsupported_file'))
  return { metadata: fileMetadata(call, item), link: temporaryUrl(call.state, item) }
}

/** An address under which everybody reads the file for some hours. */
export function temporaryUrl({ tree, temporaryLinks }: State, item: Item): string {
  const token = Buffer.from(`${item.id} ${temporaryLinks.size}`).toString('base64url')
  temporaryLinks.set(token, { item: item.id, expires: tree.now() + temporaryHours * 3_600_000 })
  const host = `uc${Buffer.from(item.id).toString('hex').slice(0, 24)}.dl.dropboxusercontent.com`
  return `https://${host}/cd/0/get/${token}/file`
}
