import { createHash, hash } from 'node:crypto'
import { fstatSync, readSync } from 'node:fs'
import { type Entry, type LocalAccess, type OpenFile, StorageError, type StoragePath } from '@filegate/core'
import type { Found } from './place.ts'

/** What stands at a path at one moment, with its bytes where they are to be kept. */
export interface Snapshot {
  readonly found: Found
  /** Absent for what is too large, and for what is no file. */
  readonly bytes?: Uint8Array | undefined
}

/** How often a file may change while it is read before it is left for later. */
const mostAttempts = 3

/**
 * Looks at a path; undefined when nothing stands there. Content of more than `most` bytes is left alone: its digest is for
 * others to find.
 * @throws StorageError `Conflict` when the file keeps changing, `AccessDenied` when it cannot be read
 */
export function takeSnapshot(local: LocalAccess, path: StoragePath, most: number): Snapshot | undefined {
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const file = fileAt(local, path)
    if (!file) return withoutContent(local, path)
    try {
      if (file.entry.symlinkTarget !== undefined) return linkSnapshot(file.entry, file.entry.symlinkTarget)
      if (file.entry.size > most) return { found: foundOf(file.entry, null) }
      const bytes = steadyBytes(file)
      if (bytes) return { found: foundOf(file.entry, hash('sha256', bytes)), bytes }
    } finally {
      file.close()
    }
  }
  throw new StorageError('Conflict', `The file keeps changing: /${path}`, { path })
}

/** What stands at a path, without its content. */
export function foundAt(local: Pick<LocalAccess, 'find'>, path: StoragePath): Found | undefined {
  try {
    const entry = local.find(path)
    return entry && foundOf(entry, null)
  } catch (error) {
    if (StorageError.is(error)) return undefined
    throw error
  }
}

function withoutContent(local: LocalAccess, path: StoragePath): Snapshot | undefined {
  const entry = ifThere(() => local.find(path))
  if (!entry) return undefined
  return entry.symlinkTarget === undefined ? { found: foundOf(entry, null) } : linkSnapshot(entry, entry.symlinkTarget)
}

/** Undefined for what is no file. */
const fileAt = (local: LocalAccess, path: StoragePath): OpenFile | undefined => ifThere(() => local.openFile(path))

/** Undefined when the file was changed while it was read. */
function steadyBytes(file: OpenFile): Uint8Array | undefined {
  const before = fstatSync(file.descriptor)
  const bytes = before.size === file.entry.size ? readAll(file) : undefined
  const { size, mtimeMs, ctimeMs } = fstatSync(file.descriptor)
  const isSame = size === before.size && mtimeMs === before.mtimeMs && ctimeMs === before.ctimeMs
  return isSame && mtimeMs === file.entry.modified ? bytes : undefined
}

/** What a listing or a look says of an entry, without its content. */
export function foundOf(entry: Entry, digest: string | null): Found {
  const { posix, modified } = entry
  const isLink = entry.symlinkTarget !== undefined
  const isFile = entry.kind === 'file' && !isLink
  return {
    kind: isLink ? 'link' : entry.kind,
    size: isFile ? (entry.size ?? null) : null,
    modified: isFile ? (modified ?? null) : null,
    inode: posix ? `${posix.device}:${posix.inode}` : null,
    etag: isFile ? (entry.etag ?? null) : null,
    mode: posix && !isLink ? posix.mode : null,
    uid: posix && !isLink ? posix.uid : null,
    gid: posix && !isLink ? posix.gid : null,
    hash: digest,
  }
}

/** A link is what it says; what it leads to has a history of its own. */
function linkSnapshot(entry: Entry, target: string): Snapshot {
  const digest = createHash('sha256').update(target).digest('hex')
  return { found: { ...foundOf(entry, digest), inode: null, size: Buffer.byteLength(target) } }
}

/** Undefined when the file was cut while it was read. */
function readAll({ descriptor, entry }: OpenFile): Uint8Array | undefined {
  const bytes = new Uint8Array(entry.size)
  for (let filled = 0; filled < bytes.length; ) {
    const count = readSync(descriptor, bytes, filled, bytes.length - filled, filled)
    if (count === 0) return undefined
    filled += count
  }
  return bytes
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (StorageError.is(error, 'NotFound') || StorageError.is(error, 'IsADirectory')) return undefined
    throw error
  }
}
