import { throwIfAborted } from '../abort.ts'
import { collectBytes, streamBytes } from '../byte-stream.ts'
import { evaluateConditions } from '../conditions.ts'
import type { ListOptions, Operation, Page, Traits, WriteOptions } from '../contract.ts'
import { newDigest } from '../digest.ts'
import { isADirectory, notFound, StorageError } from '../error.ts'
import type { StoragePath } from '../path.ts'
import { resolveRange } from '../range.ts'
import { pathOfNames } from '../shapes/path-of-names.ts'
import type { TreeFacts, TreeItem, TreePlace, TreeSource } from '../shapes/tree-source.ts'

interface Stored {
  readonly id: string
  parent: string
  name: string
  /** Absent for a directory. */
  bytes?: Uint8Array | undefined
  modified: number
  version: number
}

export interface IdStore {
  readonly source: TreeSource
  /** Every call of the service so far, such as `children top`. */
  readonly calls: string[]
  /** Puts a file, or without bytes a directory, and gives its id. Does not look whether the name is taken. */
  put(parent: string, name: string, bytes?: Uint8Array, modified?: number): string
  /** Changes behind the back of whoever uses the source. */
  drop(id: string): void
  relocate(id: string, place: Partial<TreePlace>): void
}

export interface IdStoreOptions {
  readonly duplicates?: boolean
  /** Whether the service finds children by name. */
  readonly child?: boolean
  readonly update?: boolean
  readonly copiesFilesOnly?: boolean
  readonly pageSize?: number
  readonly now?: () => number
  /** Whether the service tells what changed. */
  readonly feed?: boolean
}

export const topId = 'top'

const traits: Traits = {
  ranges: 'native',
  directories: 'real',
  caseSensitive: true,
  hashes: ['sha256', 'md5', 'crc32c'],
  modifiedPrecision: 1,
  conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
}

/** A service in miniature that addresses its items by id, as Drive or Box do. */
export function idStore(options: IdStoreOptions = {}): IdStore {
  const { now = Date.now } = options
  const items = new Map<string, Stored>()
  const calls: string[] = []
  let lastId = 0
  let lastVersion = 0
  const changed: StoragePath[] = []
  /** Where an item lies; none where it is not in place yet. */
  function note(id: string): void {
    const names: string[] = []
    for (let item = items.get(id); item?.id !== topId; item = items.get(item.parent)) {
      if (!item) return
      names.unshift(item.name)
    }
    changed.push(pathOfNames(names))
  }
  items.set(topId, { id: topId, parent: '', name: '', modified: now(), version: 0 })

  function put(parent: string, name: string, bytes?: Uint8Array, modified = now()): string {
    const id = `item-${++lastId}`
    items.set(id, { id, parent, name, bytes, modified, version: ++lastVersion })
    note(id)
    return id
  }
  function take(id: string): Stored {
    const item = items.get(id)
    if (!item) throw notFound(id)
    return item
  }
  function drop(id: string): void {
    note(id)
    for (const { id: child } of childrenOf(id)) drop(child)
    items.delete(id)
  }
  const childrenOf = (id: string): Stored[] => [...items.values()].filter(({ parent }) => parent === id)
  const shown = (id: string): TreeItem => ({ id, facts: factsOf(take(id)) })
  function begin(call: string, { signal }: Operation): void {
    throwIfAborted(signal)
    calls.push(call)
  }
  async function fill(id: string, { body, size, modified, signal }: WriteOptions): Promise<TreeItem> {
    const bytes = await collectBytes(body, signal)
    if (size !== undefined && size !== bytes.length) throw new StorageError('InvalidArgument', 'The size is wrong.')
    Object.assign(take(id), { bytes, modified: modified ?? now(), version: ++lastVersion })
    note(id)
    return shown(id)
  }
  function duplicate(item: Stored, { directory, name }: TreePlace): string {
    const id = put(directory, name, item.bytes, item.modified)
    for (const child of childrenOf(item.id)) duplicate(child, { directory: id, name: child.name })
    return id
  }

  const source: TreeSource = {
    provider: 'id-store',
    traits,
    root: { id: topId, facts: { kind: 'directory', name: '' } },
    duplicates: options.duplicates,
    copiesFilesOnly: options.copiesFilesOnly,
    now,
    async children(directory, listing) {
      begin(`children ${directory}`, listing)
      if (take(directory).bytes) throw notFound(directory)
      return pageOf(childrenOf(directory), listing, options.pageSize ?? 100)
    },
    ...(options.child && {
      child: async ({ directory, name }, operation) => {
        begin(`child ${directory} ${name}`, operation)
        take(directory)
        return childrenOf(directory)
          .filter((item) => item.name === name)
          .map(({ id }) => shown(id))
      },
    }),
    async open({ id }, reading) {
      begin(`open ${id}`, reading)
      const { bytes, ...item } = take(id)
      const facts = factsOf({ ...item, bytes })
      if (!bytes || facts.kind === 'directory') throw isADirectory(id)
      const outcome = evaluateConditions(reading.conditions ?? {}, facts)
      if (outcome === 'failed') throw new StorageError('PreconditionFailed', 'The condition does not hold.')
      if (outcome === 'not-modified') throw new StorageError('NotModified', 'Not modified.')
      const range = reading.range && resolveRange(reading.range, bytes.length)
      return { facts, range, body: streamBytes(bytes.subarray(range?.start, range?.end), reading.signal) }
    },
    async create({ directory, name }, writing) {
      begin(`create ${directory} ${name}`, writing)
      const id = put('nowhere yet', name, new Uint8Array())
      try {
        await fill(id, writing)
      } catch (error) {
        drop(id)
        throw error
      }
      take(id).parent = take(directory).id
      note(id)
      return shown(id)
    },
    ...(options.update !== false && {
      update: async ({ id }, writing) => {
        begin(`update ${id}`, writing)
        return fill(id, writing)
      },
    }),
    async createDirectory({ directory, name }, operation) {
      begin(`createDirectory ${directory} ${name}`, operation)
      return shown(put(take(directory).id, name))
    },
    async remove({ id }, operation) {
      begin(`remove ${id}`, operation)
      drop(take(id).id)
    },
    async move({ id }, { directory, name }, operation) {
      begin(`move ${id}`, operation)
      note(id)
      Object.assign(take(id), { parent: directory, name })
      note(id)
      return shown(id)
    },
    async copy({ id }, place, operation) {
      begin(`copy ${id}`, operation)
      if (options.copiesFilesOnly && !take(id).bytes) throw new StorageError('Unsupported', 'Files only.')
      return shown(duplicate(take(id), place))
    },
    async setModified({ id }, { modified, ...operation }) {
      begin(`setModified ${id}`, operation)
      take(id).modified = modified
      note(id)
      return shown(id)
    },
    async hash({ id }, { algorithm, ...operation }) {
      begin(`hash ${id}`, operation)
      if (!traits.hashes.includes(algorithm)) throw new StorageError('Unsupported', `No ${algorithm} here.`)
      const digest = newDigest(algorithm)
      digest.update(take(id).bytes ?? new Uint8Array())
      return digest.finish()
    },
    ...(options.feed && {
      changes: async (cursor, operation) => {
        begin('changes', operation)
        return { cursor: String(changed.length), paths: changed.slice(Number(cursor ?? changed.length)) }
      },
    }),
    async about(operation) {
      begin('about', operation)
      return { used: [...items.values()].reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0) }
    },
  }
  const relocate = (id: string, { directory, name }: Partial<TreePlace>): void => {
    note(id)
    const item = take(id)
    item.parent = directory ?? item.parent
    item.name = name ?? item.name
    note(id)
  }
  return { source, calls, put, drop, relocate }
}

function factsOf({ name, bytes, modified, version }: Omit<Stored, 'id' | 'parent'>): TreeFacts {
  if (!bytes) return { kind: 'directory', name, modified }
  return { kind: 'file', name, modified, size: bytes.length, etag: `"v${version}"` }
}

const numberOf = (id: string): number => Number(id.replace('item-', ''))

function pageOf(items: readonly Stored[], { cursor, limit }: ListOptions, pageSize: number): Page<TreeItem> {
  const rest = cursor === undefined ? items : items.filter(({ id }) => numberOf(id) > numberOf(cursor))
  const page = rest.slice(0, Math.min(pageSize, limit ?? pageSize))
  return {
    items: page.map((item) => ({ id: item.id, facts: factsOf(item) })),
    cursor: page.length < rest.length ? page.at(-1)?.id : undefined,
  }
}
