import { type Content, createContent } from './content.ts'
import { entityTag, type FileTime, now } from './file-time.ts'
import { foldedName } from './names.ts'
import { ServiceError } from './service-error.ts'

export type Metadata = Readonly<Record<string, string>>

/** What files and directories have in common. Times as SMB knows them; `modified` is HTTP's Last-Modified. */
interface Common {
  name: string
  readonly id: string
  parent: DirectoryNode | undefined
  attributes: readonly string[]
  created: FileTime
  written: FileTime
  changed: FileTime
  modified: FileTime
  permissionKey: string
  metadata: Metadata
}

export interface DirectoryNode extends Common {
  readonly kind: 'directory'
  /** By folded name. */
  readonly entries: Map<string, EntryNode>
}

export interface Copying {
  readonly id: string
  readonly source: string
  status: 'pending' | 'success' | 'aborted' | 'failed'
  /** What is there once the copy has ended. */
  readonly result: Content
  /** How often its state must be asked for until it has ended. */
  remaining: number
  completed: FileTime | undefined
}

export interface Lease {
  readonly id: string
  /** `broken` leases keep the file from nothing. */
  readonly state: 'leased' | 'broken'
}

export interface FileNode extends Common {
  readonly kind: 'file'
  content: Content
  /** Headers as clients set them: Content-Type, Content-MD5 and the like, in lower case. */
  headers: Readonly<Record<string, string>>
  copy: Copying | undefined
  lease: Lease | undefined
}

export type EntryNode = DirectoryNode | FileNode

export interface Share {
  readonly name: string
  /** In GiB. */
  quota: number
  accessTier: string
  modified: FileTime
  metadata: Metadata
  readonly root: DirectoryNode
}

/** By name. */
export type Account = Map<string, Share>

let identifiers = 0n
const nextIdentifier = (): string => String(11_529_285_414_812_647_424n + (identifiers += 1n) * 4096n)

const common = (name: string, parent: DirectoryNode | undefined, moment: FileTime) => ({
  name,
  id: parent ? nextIdentifier() : '0',
  parent,
  created: moment,
  written: moment,
  changed: moment,
  modified: moment,
  permissionKey: '17860367565182308406*11459378189709739967',
  metadata: {},
})

export function createDirectoryNode(name: string, parent: DirectoryNode | undefined): DirectoryNode {
  return { ...common(name, parent, now()), kind: 'directory', attributes: ['Directory'], entries: new Map() }
}

export function createFileNode(name: string, parent: DirectoryNode, size: number): FileNode {
  return {
    ...common(name, parent, now()),
    kind: 'file',
    attributes: ['Archive'],
    content: createContent(size),
    headers: {},
    copy: undefined,
    lease: undefined,
  }
}

export const createShare = (name: string): Share => ({
  name,
  quota: 5120,
  accessTier: 'TransactionOptimized',
  modified: now(),
  metadata: {},
  root: createDirectoryNode('', undefined),
})

/** The directory that the last part of `path` is in. */
export function parentOf(share: Share, path: readonly string[]): DirectoryNode {
  let directory = share.root
  for (const part of path.slice(0, -1)) {
    const entry = directory.entries.get(foldedName(part))
    if (entry?.kind !== 'directory') throw new ServiceError('ParentNotFound')
    directory = entry
  }
  return directory
}

export function entryAt(share: Share, path: readonly string[]): EntryNode | undefined {
  const name = path.at(-1)
  return name === undefined ? share.root : parentOf(share, path).entries.get(foldedName(name))
}

/** What is asked for as a directory and is a file does not exist, and the other way round. */
export function directoryAt(share: Share, path: readonly string[]): DirectoryNode {
  const entry = entryAt(share, path)
  if (entry?.kind !== 'directory') throw new ServiceError('ResourceNotFound')
  return entry
}

export function fileAt(share: Share, path: readonly string[]): FileNode {
  const entry = entryAt(share, path)
  if (entry?.kind !== 'file') throw new ServiceError('ResourceNotFound')
  return entry
}

export function attach(parent: DirectoryNode, entry: EntryNode): void {
  parent.entries.set(foldedName(entry.name), entry)
  entry.parent = parent
}

export const detach = (entry: EntryNode): boolean | undefined => entry.parent?.entries.delete(foldedName(entry.name))

export const tagOf = (node: { readonly modified: FileTime }): string => entityTag(node.modified)
