import { createHash, hash } from 'node:crypto'
import { readSync } from 'node:fs'
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
  const entry = ifThere(() => local.stat(path))
  if (!entry) return undefined
  if (entry.symlinkTarget !== undefined) return linkSnapshot(entry, entry.symlinkTarget)
  if (entry.kind === 'directory' || (entry.size ?? 0) > most) return { found: foundOf(entry, null) }
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const file = ifThere(() => local.openFile(path))
    if (!file) return undefined
    try {
      if (file.entry.size > most) return { found: foundOf(file.entry, null) }
      const bytes = readAll(file)
      // Read from the same descriptor, so it is this file whose state is the same before and after.
      const now = bytes && ifThere(() => local.stat(path))
      if (bytes && now?.kind === 'file' && now.etag === file.entry.etag) {
        return { found: foundOf(file.entry, hash('sha256', bytes)), bytes }
      }
    } finally {
      file.close()
    }
  }
  throw new StorageError('Conflict', `The file keeps changing: /${path}`, { path })
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
