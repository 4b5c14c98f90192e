import type { Change } from './change-log.ts'
import type { Facts, Item } from './item.ts'

export interface CloudTreeOptions {
  /** Whether `a` and `A` are two names. Default true. */
  readonly caseSensitive?: boolean | undefined
  /** Whether a folder takes two entries of one name. Default false. */
  readonly duplicates?: boolean | undefined
  /** Milliseconds since 1970. Default: the clock of the machine, set with `setClock`. */
  readonly now?: (() => number) | undefined
  /** What new items and revisions are called. Default: random. */
  readonly makeId?: ((kind: 'file' | 'folder' | 'revision') => string) | undefined
  /** The first root; default `root`. */
  readonly root?: NewRoot | undefined
}

export interface NewRoot {
  readonly id: string
  readonly name?: string | undefined
  /** Bytes that fit in. Default: without bound. */
  readonly total?: number | undefined
  readonly facts?: Facts | undefined
}

/** What may be said of an item. Times in milliseconds since 1970. */
export interface ItemFields {
  readonly name?: string | undefined
  readonly parents?: readonly string[] | undefined
  readonly contentType?: string | undefined
  readonly created?: number | undefined
  readonly modified?: number | undefined
  readonly trashed?: boolean | undefined
  /** Laid over those that are there; a fact that is `undefined` is taken away. */
  readonly facts?: Facts | undefined
}

export interface NewItem extends ItemFields {
  readonly id?: string | undefined
  readonly name: string
  /** An item without parents is in no root. */
  readonly parents: readonly string[]
  /** Without bytes a file has no revision (a Google document). */
  readonly bytes?: Uint8Array | undefined
}

export interface NewContent {
  readonly contentType?: string | undefined
  readonly modified?: number | undefined
  readonly facts?: Facts | undefined
  /** Facts of the revision. */
  readonly revisionFacts?: Facts | undefined
}

export interface Quota {
  readonly total: number | undefined
  /** Bytes of what is there, of that in the trash, too. */
  readonly used: number
  readonly trashed: number
}

/** Everything throws `TreeError`, and changes nothing when it does. */
export interface CloudTree {
  readonly caseSensitive: boolean
  readonly duplicates: boolean
  /** Ids of all roots, the first one first. */
  readonly roots: readonly string[]
  addRoot(root: NewRoot): Item
  now(): number
  /** Stops the clock at that time, or lets it run again. */
  setClock(time: number | undefined): void
  setTotal(root: string, total: number | undefined): void
  quota(root: string): Quota

  get(id: string): Item | undefined
  /** @throws not-found */
  need(id: string): Item
  /** All items, roots included, in the order in which they were made. */
  items(): Iterable<Item>
  /** In the order in which they came; those that lie in the trash themselves only when asked for. */
  children(parent: string, withTrashed?: boolean): readonly Item[]
  /** Those of that name that are not in the trash themselves. */
  named(parent: string, name: string): readonly Item[]
  /** The item at names below a root; of duplicates the first. */
  at(root: string, path: readonly string[]): Item | undefined
  rootOf(id: string): string | undefined
  /** Names from the root down, without the root's own. */
  pathOf(id: string): readonly string[]
  /** Whether it lies in that folder, or in one inside of it, or is it. */
  isWithin(id: string, folder: string): boolean
  /** Whether it or something around it lies in the trash. */
  isTrashed(id: string): boolean
  /** The item and everything below it, folders before what they hold. */
  below(id: string): readonly Item[]

  addFolder(item: NewItem): Item
  addFile(item: NewItem): Item
  /** Adds a revision. */
  write(id: string, bytes: Uint8Array, content?: NewContent): Item
  /** Changes what is said, leaves the rest; `trashed` puts it into the trash and takes it out. */
  update(id: string, fields: ItemFields): Item
  updateRevision(id: string, revision: string, facts: Facts): Item
  /** The last revision of a file stays. */
  removeRevision(id: string, revision: string): Item
  /** The newest revision of each file, everything below a folder. */
  copy(id: string, place: ItemFields): Item
  /** For good, everything below it included. */
  remove(id: string): void

  /** Number of the last change. */
  readonly sequence: number
  changesSince(sequence: number): readonly Change[]
  onChange(heard: (change: Change) => void): () => void
}
