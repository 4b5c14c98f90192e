import { baseName } from '@filegate/core'
import type { DirectoryEntry, FileEntry, PosixAttributes, StoragePath } from '@filegate/core'
import type { Stats } from 'node:fs'

/** The members of `Stats` that entries are made of, so that they can also come as columns from another thread. */
export type Facts = Pick<Stats, 'mode' | 'uid' | 'gid' | 'ino' | 'dev' | 'size' | 'mtimeMs' | 'ctimeMs'>

export type LocalFileEntry = FileEntry & { readonly size: number; readonly etag: string; readonly modified: number }

const typeBits = 0o170000
const permissionBits = 0o7777
const types = { file: 0o100000, directory: 0o040000, link: 0o120000 } as const

export const isFile = (facts: Facts): boolean => (facts.mode & typeBits) === types.file
export const isDirectory = (facts: Facts): boolean => (facts.mode & typeBits) === types.directory
export const isLink = (facts: Facts): boolean => (facts.mode & typeBits) === types.link

/**
 * Changes with every change of the content: each write moves the inode's change time, which nobody can set back, and
 * most of them the modification time. Times count in microseconds, the most that a double holds of them.
 */
export function etagOf(facts: Facts): string {
  const modified = Math.trunc(facts.mtimeMs * 1000)
  const changed = Math.trunc(facts.ctimeMs * 1000)
  const times = modified === changed ? `${modified}` : `${modified}-${changed}`
  return `"${facts.ino}-${facts.size}-${times}"`
}

function posixOf(facts: Facts): PosixAttributes {
  return { mode: facts.mode & permissionBits, uid: facts.uid, gid: facts.gid, inode: facts.ino, device: facts.dev }
}

export function fileEntry(path: StoragePath, facts: Facts, symlinkTarget?: string, etag?: string): LocalFileEntry {
  return {
    kind: 'file',
    path,
    name: baseName(path),
    size: facts.size,
    modified: facts.mtimeMs,
    etag: etag ?? etagOf(facts),
    symlinkTarget,
    posix: posixOf(facts),
  }
}

export function directoryEntry(
  path: StoragePath,
  facts: Facts,
  symlinkTarget?: string,
  children?: number,
): DirectoryEntry {
  return {
    kind: 'directory',
    path,
    name: baseName(path),
    modified: facts.mtimeMs,
    children,
    symlinkTarget,
    posix: posixOf(facts),
  }
}
