import { type Answer, encryptedAnswer, metadataHeaders, smbHeaders, versionHeaders } from './answer.ts'
import { now } from './file-time.ts'
import { foldedName } from './names.ts'
import type { Scene } from './operations.ts'
import { metadataOf } from './request.ts'
import { ServiceError } from './service-error.ts'
import { applySmbProperties, refuseReadOnly } from './smb-properties.ts'
import { attach, createDirectoryNode, detach, directoryAt, parentOf } from './tree.ts'

export function createDirectory({ share, path, request }: Scene): Answer {
  const name = path.at(-1)
  // The root is always there.
  if (name === undefined) throw new ServiceError('ResourceAlreadyExists')
  const parent = parentOf(share, path)
  const existing = parent.entries.get(foldedName(name))
  if (existing) throw new ServiceError(existing.kind === 'file' ? 'ResourceTypeMismatch' : 'ResourceAlreadyExists')
  const directory = createDirectoryNode(name, parent)
  applySmbProperties(directory, request, 'creation')
  directory.metadata = metadataOf(request) ?? {}
  attach(parent, directory)
  return { status: 201, headers: { ...versionHeaders(directory), ...smbHeaders(directory), ...encryptedAnswer } }
}

export function getDirectory({ share, path }: Scene): Answer {
  const directory = directoryAt(share, path)
  const headers = { ...metadataHeaders(directory.metadata), ...versionHeaders(directory), ...smbHeaders(directory) }
  return { status: 200, headers: { ...headers, 'x-ms-server-encrypted': 'true' } }
}

export function deleteDirectory({ share, path }: Scene): Answer {
  if (path.length === 0) throw new ServiceError('InvalidInput')
  const directory = directoryAt(share, path)
  if (directory.entries.size > 0) throw new ServiceError('DirectoryNotEmpty')
  refuseReadOnly(directory)
  detach(directory)
  return { status: 202 }
}

export function setDirectoryMetadata({ share, path, request }: Scene): Answer {
  const directory = directoryAt(share, path)
  directory.metadata = metadataOf(request) ?? {}
  directory.modified = now()
  return { status: 200, headers: { ...versionHeaders(directory), ...encryptedAnswer } }
}

export function setDirectoryProperties({ share, path, request }: Scene): Answer {
  const directory = directoryAt(share, path)
  applySmbProperties(directory, request, 'change')
  directory.modified = now()
  return { status: 200, headers: { ...versionHeaders(directory), ...smbHeaders(directory), ...encryptedAnswer } }
}
