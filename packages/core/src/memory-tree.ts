import type { DirectoryEntry, Entry, FileEntry } from './contract.ts'
import { notADirectory } from './error.ts'
import { baseName, joinPath, root, type StoragePath } from './path.ts'

/** What a file holds between two writes; a write makes a new one, so whoever reads the old one is not disturbed. */
export interface MemoryContent {
  readonly bytes: Uint8Array
  readonly version: string
  readonly contentType: string | undefined
  readonly modified: number
}

export interface MemoryFile {
  readonly kind: 'file'
  /** Newest first, never empty. */
  readonly contents: readonly [MemoryContent, ...MemoryContent[]]
}

export interface MemoryDirectory {
  readonly kind: 'directory'
  readonly children: Map<string, MemoryNode>
  modified: number
  /** The names of the children in order; absent since the last change. */
  sorted?: readonly string[] | undefined
}

export type MemoryNode = MemoryFile | MemoryDirectory

export const newDirectory = (modified: number): MemoryDirectory => ({
  kind: 'directory',
  children: new Map(),
  modified,
})

export function findNode(top: MemoryDirectory, path: StoragePath): MemoryNode | undefined {
  let node: MemoryNode | undefined = top
  if (path === root) return node
  for (const name of path.split('/')) {
    if (node?.kind !== 'directory') return undefined
    node = node.children.get(name)
  }
  return node
}

/**
 * The directory at `path`, made with its parents where missing.
 * @throws StorageError `NotADirectory` when a file stands in the way.
 */
export function makeDirectories(top: MemoryDirectory, path: StoragePath, modified: number): MemoryDirectory {
  let directory = top
  let at = root
  for (const name of path === root ? [] : path.split('/')) {
    at = joinPath(at, name)
    const child = directory.children.get(name) ?? newDirectory(modified)
    if (child.kind === 'file') throw notADirectory(at)
    if (!directory.children.has(name)) putNode(directory, name, child, modified)
    directory = child
  }
  return directory
}

export function putNode(directory: MemoryDirectory, name: string, node: MemoryNode, modified: number): void {
  if (!directory.children.has(name)) directory.sorted = undefined
  directory.children.set(name, node)
  directory.modified = modified
}

export function dropNode(directory: MemoryDirectory, name: string, modified: number): void {
  directory.children.delete(name)
  directory.sorted = undefined
  directory.modified = modified
}

/** A copy that shares no directory with the original; contents never change, so files are shared. */
export function copyNode(node: MemoryNode, modified: number): MemoryNode {
  if (node.kind === 'file') return { kind: 'file', contents: [node.contents[0]] }
  const copy = newDirectory(modified)
  for (const [name, child] of node.children) copy.children.set(name, copyNode(child, modified))
  return copy
}

/** The children whose name comes after `after`, in order. */
export function* childrenAfter(directory: MemoryDirectory, after = ''): Generator<[string, MemoryNode]> {
  directory.sorted ??= [...directory.children.keys()].sort()
  const names = directory.sorted
  for (let place = firstAfter(names, after); place < names.length; place++) {
    const name = names[place] ?? ''
    const node = directory.children.get(name)
    if (node) yield [name, node]
  }
}

function firstAfter(names: readonly string[], after: string): number {
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((names[middle] ?? '') <= after) low = middle + 1
    else high = middle
  }
  return low
}

/** Everything below `directory`, each directory before what it holds, from behind the place that `after` names. */
export function* descendantsAfter(
  directory: MemoryDirectory,
  path: StoragePath,
  after: readonly string[] = [],
): Generator<Entry> {
  const [passed, ...deeper] = after
  const interrupted = passed === undefined ? undefined : directory.children.get(passed)
  if (passed !== undefined && interrupted?.kind === 'directory') {
    yield* descendantsAfter(interrupted, joinPath(path, passed), deeper)
  }
  for (const [name, node] of childrenAfter(directory, passed)) {
    const at = joinPath(path, name)
    yield entryOf(at, node)
    if (node.kind === 'directory') yield* descendantsAfter(node, at)
  }
}

export function entryOf(path: StoragePath, node: MemoryNode): Entry {
  return node.kind === 'file' ? fileEntry(path, node.contents[0]) : directoryEntry(path, node)
}

export function directoryEntry(path: StoragePath, directory: MemoryDirectory): DirectoryEntry {
  const { modified, children } = directory
  return { kind: 'directory', path, name: baseName(path), modified, children: children.size }
}

export function fileEntry(path: StoragePath, content: MemoryContent): FileEntry {
  const { bytes, version, contentType, modified } = content
  return {
    kind: 'file',
    path,
    name: baseName(path),
    size: bytes.length,
    etag: `"${version}"`,
    version,
    contentType,
    modified,
  }
}
