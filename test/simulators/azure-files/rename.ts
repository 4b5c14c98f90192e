import { type Answer, encryptedAnswer, smbHeaders, versionHeaders } from './answer.ts'
import { now } from './file-time.ts'
import { foldedName } from './names.ts'
import { checkWritable } from './lease.ts'
import type { Scene } from './operations.ts'
import { booleanHeader, metadataOf, requiredHeader } from './request.ts'
import { invalidHeader, ServiceError } from './service-error.ts'
import { applySmbProperties, refuseReadOnly } from './smb-properties.ts'
import { renameSource } from './source.ts'
import { attach, detach, type DirectoryNode, type EntryNode, parentOf } from './tree.ts'

const since = '2021-04-10'

export const renameFile = (scene: Scene): Answer => rename(scene, 'file')
export const renameDirectory = (scene: Scene): Answer => rename(scene, 'directory')

function rename(scene: Scene, kind: EntryNode['kind']): Answer {
  const { share, path, request } = scene
  if (request.version < since) throw new ServiceError('FeatureVersionMismatch')
  const url = requiredHeader(request, 'x-ms-file-rename-source')
  const source = renameSource(scene, url)
  if (source.kind !== kind) throw new ServiceError('ResourceTypeMismatch')
  if (source.kind === 'file') checkWritable(source, request, 'x-ms-source-lease-id')
  const name = path.at(-1)
  if (name === undefined) throw new ServiceError('InvalidUri')
  const parent = parentOf(share, path)
  if (source.kind === 'directory' && isWithin(parent, source)) throw invalidHeader('x-ms-file-rename-source', url)
  makeRoom(scene, parent.entries.get(foldedName(name)), source)
  detach(source)
  source.name = name
  attach(parent, source)
  applySmbProperties(source, request, 'move')
  source.metadata = metadataOf(request) ?? source.metadata
  const type = request.header('x-ms-content-type')
  if (source.kind === 'file' && type) source.headers = { ...source.headers, 'Content-Type': type }
  source.modified = now()
  return { status: 200, headers: { ...versionHeaders(source), ...smbHeaders(source), ...encryptedAnswer } }
}

/** Only files give way, and only when asked to. A name may always change its case. */
function makeRoom({ request }: Scene, existing: EntryNode | undefined, source: EntryNode): void {
  const replace = booleanHeader(request, 'x-ms-file-rename-replace-if-exists')
  const ignore = booleanHeader(request, 'x-ms-file-rename-ignore-readonly')
  if (ignore && !replace) throw invalidHeader('x-ms-file-rename-ignore-readonly', 'true')
  if (existing === undefined || existing === source) return
  if (!replace || existing.kind === 'directory') throw new ServiceError('ResourceAlreadyExists')
  checkWritable(existing, request, 'x-ms-destination-lease-id')
  if (!ignore) refuseReadOnly(existing)
  detach(existing)
}

function isWithin(directory: DirectoryNode, ancestor: DirectoryNode): boolean {
  for (let at: DirectoryNode | undefined = directory; at; at = at.parent) if (at === ancestor) return true
  return false
}
