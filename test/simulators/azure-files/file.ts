import {
  type Answer,
  copyHeaders,
  encryptedAnswer,
  type Headers,
  leaseHeaders,
  metadataHeaders,
  smbHeaders,
  versionHeaders,
} from './answer.ts'
import { formatTime, now } from './file-time.ts'
import { foldedName } from './names.ts'
import { advanceCopy } from './copying.ts'
import { checkWritable } from './lease.ts'
import type { Scene } from './operations.ts'
import { metadataOf, requiredHeader, type ServiceRequest, sizeHeader } from './request.ts'
import { invalidHeader, missingHeader, ServiceError } from './service-error.ts'
import { xmlAnswer } from './share.ts'
import { applySmbProperties, refuseReadOnly } from './smb-properties.ts'
import {
  attach,
  createFileNode,
  detach,
  type DirectoryNode,
  type EntryNode,
  entryAt,
  fileAt,
  type FileNode,
  parentOf,
} from './tree.ts'
import { element } from './xml.ts'

const largestFile = 4 * 1024 ** 4

/** Request headers that set properties, with the header that shows each. */
const properties = {
  'x-ms-content-type': 'Content-Type',
  'x-ms-content-encoding': 'Content-Encoding',
  'x-ms-content-language': 'Content-Language',
  'x-ms-content-md5': 'Content-MD5',
  'x-ms-cache-control': 'Cache-Control',
  'x-ms-content-disposition': 'Content-Disposition',
} as const

export function propertiesIn(request: ServiceRequest): Headers {
  const given = Object.entries(properties).flatMap(([header, shown]) => {
    const value = request.header(header)
    return value === undefined || value === '' ? [] : [[shown, value] as const]
  })
  const hash = request.header('x-ms-content-md5')
  if (hash && Buffer.from(hash, 'base64').length !== 16) throw new ServiceError('InvalidMd5')
  return Object.fromEntries(given)
}

/** The place for a file: an existing one is replaced, unless something keeps it from that. */
export function replaceableAt({ share, path, request }: Pick<Scene, 'share' | 'path' | 'request'>): {
  readonly parent: DirectoryNode
  readonly name: string
  readonly existing: FileNode | undefined
} {
  const name = path.at(-1)
  if (name === undefined) throw new ServiceError('InvalidUri')
  const parent = parentOf(share, path)
  const existing = parent.entries.get(foldedName(name))
  if (existing?.kind === 'directory') throw new ServiceError('ResourceTypeMismatch')
  if (existing) checkWritable(existing, request)
  else if (request.header('x-ms-lease-id') !== undefined) throw new ServiceError('LeaseNotPresentWithFileOperation')
  return { parent, name, existing }
}

export function createFile(scene: Scene): Answer {
  const { request } = scene
  const { parent, name, existing } = replaceableAt(scene)
  const type = requiredHeader(request, 'x-ms-type')
  if (type.toLowerCase() !== 'file') throw invalidHeader('x-ms-type', type)
  const size = sizeOf(request)
  if (size === undefined) throw missingHeader('x-ms-content-length')
  if (existing) refuseReadOnly(existing)
  const file = createFileNode(existing?.name ?? name, parent, size)
  applySmbProperties(file, request, 'creation')
  file.headers = propertiesIn(request)
  file.metadata = metadataOf(request) ?? {}
  file.lease = existing?.lease
  attach(parent, file)
  return { status: 201, headers: { ...versionHeaders(file), ...smbHeaders(file), ...encryptedAnswer } }
}

function sizeOf(request: ServiceRequest): number | undefined {
  const size = sizeHeader(request, 'x-ms-content-length')
  if (size !== undefined && size > largestFile) throw invalidHeader('x-ms-content-length', String(size))
  return size
}

/** The headers that both reading a file and asking for its properties give. */
export const describeFile = (file: FileNode): Headers => ({
  'Content-Type': 'application/octet-stream',
  'Accept-Ranges': 'bytes',
  ...file.headers,
  ...metadataHeaders(file.metadata),
  ...versionHeaders(file),
  ...smbHeaders(file),
  ...leaseHeaders(file),
  ...copyHeaders(file),
  'x-ms-type': 'File',
  'x-ms-server-encrypted': 'true',
})

export function getFileProperties({ share, path, request }: Scene): Answer {
  const file = fileAt(share, path)
  advanceCopy(file)
  return { status: 200, headers: describeFile(file), ...(request.method === 'HEAD' && { length: file.content.size }) }
}

export function deleteFile({ share, path, request }: Scene): Answer {
  const file = typedFileAt({ share, path })
  checkWritable(file, request)
  refuseReadOnly(file)
  detach(file)
  return { status: 202 }
}

function typedFileAt({ share, path }: Pick<Scene, 'share' | 'path'>): FileNode {
  const entry: EntryNode | undefined = entryAt(share, path)
  if (entry?.kind === 'directory') throw new ServiceError('ResourceTypeMismatch')
  return fileAt(share, path)
}

/** Size alone leaves the other properties; any of the others sets all of them, and clears those that it does not name. */
export function setFileProperties({ share, path, request }: Scene): Answer {
  const file = fileAt(share, path)
  checkWritable(file, request)
  const size = sizeOf(request)
  const named = Object.keys(properties).some((header) => request.header(header) !== undefined)
  const headers = propertiesIn(request)
  applySmbProperties(file, request, 'change')
  const resized = size !== undefined && size !== file.content.size
  if (resized) file.content.resize(size)
  if (resized && keepsTime(request)) file.written = now()
  if (named) file.headers = headers
  file.modified = now()
  return { status: 200, headers: { ...versionHeaders(file), ...smbHeaders(file), ...encryptedAnswer } }
}

/** A new size is a write, unless the request says when the last write was. */
const keepsTime = (request: ServiceRequest): boolean =>
  (request.header('x-ms-file-last-write-time') ?? 'preserve').toLowerCase() === 'preserve'

export function setFileMetadata({ share, path, request }: Scene): Answer {
  const file = fileAt(share, path)
  checkWritable(file, request)
  file.metadata = metadataOf(request) ?? {}
  file.modified = now()
  const written = { 'x-ms-file-last-write-time': formatTime(file.written) }
  return { status: 200, headers: { ...versionHeaders(file), ...written, ...encryptedAnswer } }
}

/** Handles are SMB's, which nobody speaks here: there are none. */
export function listHandles({ share, path }: Scene): Answer {
  if (entryAt(share, path) === undefined) throw new ServiceError('ResourceNotFound')
  return xmlAnswer(element('EnumerationResults', [element('Entries'), element('NextMarker')]))
}

export function closeHandles({ share, path, request }: Scene): Answer {
  requiredHeader(request, 'x-ms-handle-id')
  if (entryAt(share, path) === undefined) throw new ServiceError('ResourceNotFound')
  return { status: 200, headers: { 'x-ms-number-of-handles-closed': '0', 'x-ms-number-of-handles-failed': '0' } }
}
