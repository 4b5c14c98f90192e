import type { Answer } from './answer.ts'
import { formatTime, httpDate } from './file-time.ts'
import { foldedName } from './names.ts'
import type { Scene } from './operations.ts'
import { pageOf } from './paging.ts'
import { booleanHeader, type ServiceRequest } from './request.ts'
import { invalidQuery } from './service-error.ts'
import { xmlAnswer } from './share.ts'
import { directoryAt, type EntryNode, tagOf } from './tree.ts'
import { element, type Xml } from './xml.ts'

const includable = ['timestamps', 'etag', 'attributes', 'permissionkey'] as const
type Included = ReadonlySet<string>

export function listEntries({ share, path, request, signer }: Scene): Answer {
  const directory = directoryAt(share, path)
  const included = includedIn(request)
  const prefix = foldedName(request.parameter('prefix') ?? '')
  const matching = [...directory.entries.values()].filter(({ name }) => foldedName(name).startsWith(prefix))
  const page = pageOf(matching, (entry) => entry.name, request)
  // Asking for anything more asks for the identifiers as well.
  const identified = included.size > 0 || booleanHeader(request, 'x-ms-file-extended-info')
  const entries = page.entries.map((entry) => entryElement(entry, included, identified))
  const identifier = identified ? [element('DirectoryId', directory.id)] : []
  const root = element('EnumerationResults', [...page.echo, ...identifier, element('Entries', entries), page.next], {
    ServiceEndpoint: `https://${signer.account}.file.core.windows.net/`,
    ShareName: share.name,
    DirectoryPath: path.join('/'),
  })
  return xmlAnswer(root)
}

function includedIn(request: ServiceRequest): Included {
  const value = request.parameter('include') ?? ''
  const names = value.split(',').map((name) => name.trim().toLowerCase())
  const asked = names.filter(Boolean)
  if (asked.some((name) => !includable.some((known) => known === name))) throw invalidQuery('include', value)
  return new Set(asked)
}

function entryElement(entry: EntryNode, included: Included, identified: boolean): Xml {
  const times = [
    element('CreationTime', formatTime(entry.created)),
    element('LastAccessTime', formatTime(entry.created)),
    element('LastWriteTime', formatTime(entry.written)),
    element('ChangeTime', formatTime(entry.changed)),
    element('Last-Modified', httpDate(entry.modified)),
  ]
  const properties = [
    ...(entry.kind === 'file' ? [element('Content-Length', entry.content.size)] : []),
    ...(included.has('timestamps') ? times : []),
    ...(included.has('etag') ? [element('Etag', tagOf(entry))] : []),
  ]
  return element(entry.kind === 'file' ? 'File' : 'Directory', [
    element('Name', entry.name),
    ...(identified ? [element('FileId', entry.id)] : []),
    element('Properties', properties),
    ...(included.has('attributes') ? [element('Attributes', entry.attributes.join(' | '))] : []),
    ...(included.has('permissionkey') ? [element('PermissionKey', entry.permissionKey)] : []),
  ])
}
