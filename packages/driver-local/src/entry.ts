import { isADirectory, notADirectory, notFound } from '@filegate/core/error'
import { baseName } from '@filegate/core/path'
import type { DirectoryEntry, Entry, FileEntry, PosixAttributes, StoragePath } from '@filegate/core'
import { etagOf, type Facts, isDirectory, isFile } from './facts.ts'

export type LocalFileEntry = FileEntry & { readonly size: number; readonly etag: string; readonly modified: number }

const permissionBits = 0o7777

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

/** @throws StorageError `NotFound` for what is neither file nor directory: it is not shown. */
export function entryOf(path: StoragePath, facts: Facts, symlinkTarget?: string): Entry {
  if (isFile(facts)) return fileEntry(path, facts, symlinkTarget)
  if (isDirectory(facts)) return directoryEntry(path, facts, symlinkTarget)
  throw notFound(path)
}

export function assertFile(path: StoragePath, facts: Facts): void {
  if (isDirectory(facts)) throw isADirectory(path)
  if (!isFile(facts)) throw notFound(path)
}

export function assertDirectory(path: StoragePath, facts: Facts): void {
  if (isFile(facts)) throw notADirectory(path)
  if (!isDirectory(facts)) throw notFound(path)
}
