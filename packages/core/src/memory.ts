import { createHash } from 'node:crypto'
import { throwIfAborted } from './abort.ts'
import { collectBytes, streamBytes } from './byte-stream.ts'
import { evaluateConditions } from './conditions.ts'
import type { Conditions, CopyOptions, Entry, FileEntry, ListOptions, Page, StorageDriver, Traits } from './contract.ts'
import { isADirectory, notADirectory, notFound, StorageError } from './error.ts'
import {
  childrenAfter,
  copyNode,
  descendantsAfter,
  directoryEntry,
  dropNode,
  entryOf,
  fileEntry,
  findNode,
  type MemoryContent,
  type MemoryDirectory,
  type MemoryFile,
  type MemoryNode,
  makeDirectories,
  newDirectory,
  putNode,
} from './memory-tree.ts'
import { baseName, isWithin, joinPath, parentPath, parsePath, root, type StoragePath } from './path.ts'
import { resolveRange } from './range.ts'

export interface MemoryOptions {
  /** Entries in a page of a listing when the caller sets no limit. Default 1,000. */
  readonly pageSize?: number | undefined
  /** Versions kept of each file, the current one included. Default 10. */
  readonly versions?: number | undefined
  /** Unix time in milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

const traits: Traits = {
  ranges: 'native',
  directories: 'real',
  caseSensitive: true,
  hashes: ['sha256', 'sha1', 'md5'],
  modifiedPrecision: 1,
  conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
}

/**
 * A storage in memory: the reference of what the contract means, and a storage for tests. `files` maps paths to what
 * stands there; a path that ends in `/` is an empty directory.
 *
 *     const driver = memory({ 'notes/today.md': '# Today', 'empty/': '' })
 */
export function memory(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  options: MemoryOptions = {},
): StorageDriver {
  const tree = new MemoryTree(options)
  for (const [path, content] of Object.entries(files)) tree.seed(path, content)
  return { provider: 'memory', traits, ...readMethods(tree), ...writeMethods(tree) }
}

/** The nodes, and the two counters that every change moves on. */
class MemoryTree {
  readonly top: MemoryDirectory
  readonly pageSize: number
  readonly now: () => number
  readonly #versions: number
  #lastVersion = 0

  constructor({ pageSize = 1000, versions = 10, now = Date.now }: MemoryOptions) {
    this.pageSize = pageSize
    this.now = now
    this.#versions = versions
    this.top = newDirectory(now())
  }

  seed(path: string, content: string | Uint8Array): void {
    if (path.endsWith('/')) makeDirectories(this.top, parsePath(path), this.now())
    else
      this.store(parsePath(path), { bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content })
  }

  node(path: StoragePath): MemoryNode {
    const node = findNode(this.top, path)
    if (!node) throw notFound(path)
    return node
  }

  file(path: StoragePath): MemoryFile {
    const node = this.node(path)
    if (node.kind === 'directory') throw isADirectory(path)
    return node
  }

  directory(path: StoragePath): MemoryDirectory {
    const node = this.node(path)
    if (node.kind === 'file') throw notADirectory(path)
    return node
  }

  /** Makes the content the newest of the file at `path`, and the directories above it where missing. */
  store(path: StoragePath, content: Pick<MemoryContent, 'bytes'> & Partial<MemoryContent>): MemoryContent {
    const old = findNode(this.top, path)
    if (path === root || old?.kind === 'directory') throw isADirectory(path)
    const { bytes, contentType, modified = this.now() } = content
    const stored = { bytes, contentType, modified, version: `${++this.#lastVersion}` }
    const contents = [stored, ...(old?.contents ?? []).slice(0, this.#versions - 1)] as const
    this.put(path, { kind: 'file', contents })
    return stored
  }

  put(path: StoragePath, node: MemoryNode): void {
    putNode(makeDirectories(this.top, parentPath(path), this.now()), baseName(path), node, this.now())
  }

  drop(path: StoragePath): void {
    if (path === root) throw new StorageError('InvalidArgument', 'The root of a storage cannot be removed.', { path })
    this.node(path)
    dropNode(this.directory(parentPath(path)), baseName(path), this.now())
  }

  /** What stands at `path`, once it is certain that it can be put at the destination. */
  transferable(path: StoragePath, { destination, overwrite = false }: CopyOptions): MemoryNode {
    const node = this.node(path)
    if (isWithin(destination, path) || isWithin(path, destination)) {
      const message = `/${path} cannot be put at /${destination}: one of them contains the other.`
      throw new StorageError('InvalidArgument', message, { path })
    }
    if (!overwrite && findNode(this.top, destination)) {
      throw new StorageError('AlreadyExists', `There is something at /${destination} already.`, { path: destination })
    }
    return node
  }
}

/** The next of `entries`, which start behind the cursor. */
function pageOf<T extends Entry>(entries: Iterator<T>, limit: number, cursor: (last: T) => string): Page<T> {
  const items: T[] = []
  for (let next = entries.next(); !next.done; next = entries.next()) {
    const last = items.at(-1)
    if (last && items.length >= limit) return { items, cursor: cursor(last) }
    items.push(next.value)
  }
  return { items }
}

/** @throws StorageError `NotModified` or `PreconditionFailed` */
function checkConditions(conditions: Conditions, entry: FileEntry): void {
  const outcome = evaluateConditions(conditions, entry)
  if (outcome === 'not-modified') throw new StorageError('NotModified', `/${entry.path} has not changed.`)
  if (outcome === 'failed') throw preconditionFailed(entry.path)
}

/** @throws StorageError `PreconditionFailed`; for a write, "not modified" is a failure too (RFC 9110, section 13.2.2). */
function checkWriteConditions(conditions: Conditions, path: StoragePath, old: Entry | undefined): void {
  const fails = evaluateConditions(conditions, old?.kind === 'file' ? old : undefined) !== 'proceed'
  if (fails) throw preconditionFailed(path)
}

const preconditionFailed = (path: StoragePath): StorageError =>
  new StorageError('PreconditionFailed', `The condition does not hold for /${path}.`, { path })

function readMethods(tree: MemoryTree) {
  const limitOf = (options: ListOptions | undefined): number => Math.max(1, options?.limit ?? tree.pageSize)
  return {
    async stat(path, options) {
      throwIfAborted(options?.signal)
      return entryOf(path, tree.node(path))
    },
    async list(path, options) {
      throwIfAborted(options?.signal)
      const children = childrenAfter(tree.directory(path), options?.cursor).map(([name, node]) =>
        entryOf(joinPath(path, name), node),
      )
      return pageOf(children, limitOf(options), (last) => last.name)
    },
    async walk(path, options) {
      throwIfAborted(options?.signal)
      const entries = descendantsAfter(tree.directory(path), path, options?.cursor?.split('/'))
      return pageOf(entries, limitOf(options), (last) => (path === root ? last.path : last.path.slice(path.length + 1)))
    },
    async read(path, { range, conditions, version, signal } = {}) {
      throwIfAborted(signal)
      const { contents } = tree.file(path)
      const content = version === undefined ? contents[0] : contents.find((kept) => kept.version === version)
      if (!content) throw new StorageError('NotFound', `/${path} has no version ${version}.`, { path })
      const entry = fileEntry(path, content)
      if (conditions) checkConditions(conditions, entry)
      const span = range && resolveRange(range, content.bytes.length)
      const bytes = span ? content.bytes.subarray(span.start, span.end) : content.bytes
      return { entry, range: span, body: streamBytes(bytes, signal) }
    },
    async hash(path, { algorithm, signal }) {
      throwIfAborted(signal)
      const { contents } = tree.file(path)
      if (!traits.hashes.includes(algorithm)) {
        throw new StorageError('Unsupported', `The memory storage cannot compute ${algorithm}.`, { path })
      }
      return createHash(algorithm).update(contents[0].bytes).digest('hex')
    },
    async revisions(path, options) {
      throwIfAborted(options?.signal)
      const kept = tree.file(path).contents
      const passed = kept.findIndex(({ version }) => version === options?.cursor)
      const entries = kept.slice(passed + 1).map((content) => fileEntry(path, content))
      return pageOf<FileEntry>(entries.values(), limitOf(options), ({ version = '' }) => version)
    },
    async about(path, options) {
      throwIfAborted(options?.signal)
      const files = descendantsAfter(tree.directory(path), path).filter((entry) => entry.kind === 'file')
      return { used: files.reduce((sum, { size = 0 }) => sum + size, 0) }
    },
  } satisfies Partial<StorageDriver>
}

function writeMethods(tree: MemoryTree) {
  return {
    async write(path, { body, size, modified, contentType, conditions, signal }) {
      const bytes = await collectBytes(body, signal)
      if (size !== undefined && size !== bytes.length) {
        throw new StorageError('InvalidArgument', `Announced ${size} bytes for /${path}, but ${bytes.length} came.`, {
          path,
        })
      }
      const old = findNode(tree.top, path)
      if (conditions) checkWriteConditions(conditions, path, old && entryOf(path, old))
      return fileEntry(path, tree.store(path, { bytes, contentType, modified: modified ?? tree.now() }))
    },
    async remove(path, options) {
      throwIfAborted(options?.signal)
      tree.drop(path)
    },
    async makeDirectory(path, options) {
      throwIfAborted(options?.signal)
      if (findNode(tree.top, path)?.kind === 'file') {
        throw new StorageError('AlreadyExists', `There is a file at /${path} already.`, { path })
      }
      return directoryEntry(path, makeDirectories(tree.top, path, tree.now()))
    },
    async copy(path, options) {
      throwIfAborted(options.signal)
      const node = copyNode(tree.transferable(path, options), tree.now())
      tree.put(options.destination, node)
      return entryOf(options.destination, node)
    },
    async move(path, options) {
      throwIfAborted(options.signal)
      const node = tree.transferable(path, options)
      tree.put(options.destination, node)
      tree.drop(path)
      return entryOf(options.destination, node)
    },
    async setModified(path, { modified, signal }) {
      throwIfAborted(signal)
      const node = tree.node(path)
      if (node.kind === 'directory') node.modified = modified
      else {
        const [{ bytes, contentType, version }, ...older] = node.contents
        tree.put(path, { kind: 'file', contents: [{ bytes, contentType, version, modified }, ...older] })
      }
      return entryOf(path, tree.node(path))
    },
  } satisfies Partial<StorageDriver>
}
