import { httpDate } from './file-time.ts'
import { type EntryNode, type FileNode, type Metadata, tagOf } from './tree.ts'
import { formatTime } from './file-time.ts'

export type Headers = Readonly<Record<string, string>>

/** What the service answers. The body is sent piece by piece. */
export interface Answer {
  readonly status: number
  readonly headers?: Headers
  readonly body?: Iterable<Buffer>
  /** The length of the body; of the absent body of a HEAD as well. */
  readonly length?: number
}

export const versionHeaders = (node: { readonly modified: bigint }): Headers => ({
  ETag: tagOf(node),
  'Last-Modified': httpDate(node.modified),
})

export const metadataHeaders = (metadata: Metadata): Headers =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-ms-meta-${name}`, value]))

/** What SMB knows of an entry. */
export const smbHeaders = (entry: EntryNode): Headers => ({
  'x-ms-file-attributes': entry.attributes.join(' | '),
  'x-ms-file-creation-time': formatTime(entry.created),
  'x-ms-file-last-write-time': formatTime(entry.written),
  'x-ms-file-change-time': formatTime(entry.changed),
  'x-ms-file-permission-key': entry.permissionKey,
  'x-ms-file-id': entry.id,
  'x-ms-file-parent-id': entry.parent?.id ?? '0',
})

export const encryptedAnswer = { 'x-ms-request-server-encrypted': 'true' } as const

export const leaseHeaders = ({ lease }: FileNode): Headers => ({
  'x-ms-lease-state': lease?.state ?? 'available',
  'x-ms-lease-status': lease?.state === 'leased' ? 'locked' : 'unlocked',
  ...(lease?.state === 'leased' && { 'x-ms-lease-duration': 'infinite' }),
})

export function copyHeaders({ copy, content }: FileNode): Headers {
  if (copy === undefined) return {}
  const total = copy.result.size
  const done = copy.status === 'success' ? total : Math.min(content.size, Math.floor(total / (copy.remaining + 1)))
  return {
    'x-ms-copy-id': copy.id,
    'x-ms-copy-status': copy.status,
    'x-ms-copy-source': copy.source,
    'x-ms-copy-progress': `${done}/${total}`,
    ...(copy.completed !== undefined && { 'x-ms-copy-completion-time': httpDate(copy.completed) }),
  }
}
