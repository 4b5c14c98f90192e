import type { Classify } from '../classify.ts'
import type {
  ChangesSince,
  DirectoryEntry,
  FileEntry,
  HashOptions,
  LinkOptions,
  ListOptions,
  ModifiedOptions,
  Operation,
  Page,
  ReadOptions,
  ReadResult,
  Traits,
  Usage,
  WriteOptions,
} from '../contract.ts'

/** An entry as far as the vendor knows it: its name may be any text, and where it lies is for the shape to say. */
export type TreeFacts = Omit<FileEntry, 'path'> | Omit<DirectoryEntry, 'path'>

/** An item of a service that addresses files and directories by id. A driver adds what its calls need besides. */
export interface TreeItem {
  readonly id: string
  readonly facts: TreeFacts
  /** Of items of one name in one directory the one with the greatest stands for it. Default: when it was modified. */
  readonly rank?: number | undefined
}

/** Where an item goes: into the directory of that id, under that name. */
export interface TreePlace {
  readonly directory: string
  readonly name: string
}

/** Somewhere below the directory of that id: under the last of these names, with the others between. */
export interface TreeWay {
  readonly directory: string
  /** The vendor's, two or more. */
  readonly names: readonly string[]
}

/** An item somewhere below a directory. */
export interface TreeFound<Item extends TreeItem = TreeItem> {
  readonly item: Item
  /** The vendor's names of the directories between. */
  readonly within: readonly string[]
}

export interface TreeOpened {
  /** The file as the answer described it; without it, what the look-up found is taken. */
  readonly facts?: Omit<FileEntry, 'path'> | undefined
  readonly range?: ReadResult['range']
  readonly body: ReadableStream<Uint8Array>
}

/** What lets the service copy a file from one connection to another. */
export interface TreeAcross<Item extends TreeItem = TreeItem> {
  /** Connections between which the service copies have the same. */
  readonly service: string
  /** @throws StorageError `Unsupported` for a file that the service cannot copy as it is shown */
  readonly referenceOf: (file: Item) => string
  /** Copies the file of a reference to where nothing is. */
  readonly copyFrom: (reference: string, place: TreePlace, options: Operation) => Promise<Item>
}

/**
 * A service that addresses items by id (Drive, Box, OneDrive and the like), in its own terms. The optional members become
 * methods of the contract when they are given. Names are the vendor's, of any characters.
 */
export interface TreeSource<Item extends TreeItem = TreeItem> {
  readonly provider: string
  readonly traits: Traits
  /** The directory in which everything lies. */
  readonly root: Item
  /**
   * Whether one directory may hold a name twice. Then the newest of them stands for the name (see `rank`), a look-up reads
   * the whole listing unless `child` is given, and a listing of several pages is read twice unless `newestFirst` is said.
   */
  readonly duplicates?: boolean | undefined
  /** Whether `children` gives what ranks highest first. It may fail to: that is seen, and made good. */
  readonly newestFirst?: boolean | undefined
  /** The driver's table of errors, by which one is recognised that says that an item is not there. */
  readonly classify?: Classify | undefined
  /** How long the id of a directory is remembered, in milliseconds. Default one minute. */
  readonly rememberFor?: number | undefined
  /** Unix time in milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined

  readonly children: (directory: string, options: ListOptions) => Promise<Page<Item>>
  /** All children of that name, usually one, where the vendor finds them without a listing. */
  readonly child?: ((place: TreePlace, options: Operation) => Promise<readonly Item[]>) | undefined
  /**
   * What lies several directories further down, where the vendor finds that in one call. `undefined` says no more than that it
   * does not: the way is then gone step by step.
   */
  readonly at?: ((way: TreeWay, options: Operation) => Promise<Item | undefined>) | undefined
  /**
   * Everything below a directory, where the vendor says that in fewer calls than `children` needs: each directory before what
   * it holds, and no name twice in one.
   */
  readonly walk?: ((directory: string, options: ListOptions) => Promise<Page<TreeFound<Item>>>) | undefined
  /** What becomes `metadata` of the entry in `stat`. Left out where the options ask for nothing, `stat` takes no call more. */
  readonly metadata?: ((item: Item, options: Operation) => Promise<NonNullable<FileEntry['metadata']>>) | undefined
  readonly open: (file: Item, options: ReadOptions) => Promise<TreeOpened>

  /** Makes a new file. */
  readonly create?: ((place: TreePlace, options: WriteOptions) => Promise<Item>) | undefined
  /** Gives a file new bytes. Without it, a new file is made and the old one removed afterwards. */
  readonly update?: ((file: Item, options: WriteOptions) => Promise<Item>) | undefined
  readonly createDirectory?: ((place: TreePlace, options: Operation) => Promise<Item>) | undefined
  /** Removes a file, or a directory with all it holds. */
  readonly remove?: ((item: Item, options: Operation) => Promise<void>) | undefined
  readonly move?: ((item: Item, place: TreePlace, options: Operation) => Promise<Item>) | undefined
  readonly copy?: ((item: Item, place: TreePlace, options: Operation) => Promise<Item>) | undefined
  /** Whether `copy` takes files only; directories are then copied file by file. */
  readonly copiesFilesOnly?: boolean | undefined
  /** Copies between connections, where they are wanted. */
  readonly across?: TreeAcross<Item> | undefined
  readonly setModified?: ((item: Item, options: ModifiedOptions) => Promise<Item>) | undefined

  readonly hash?: ((file: Item, options: HashOptions) => Promise<string>) | undefined
  readonly revisions?: ((file: Item, options: ListOptions) => Promise<Page<Omit<FileEntry, 'path'>>>) | undefined
  readonly publicLink?: ((file: Item, options: LinkOptions) => Promise<string>) | undefined
  readonly about?: ((options: Operation) => Promise<Usage>) | undefined
  /** As in the contract; `pathOfNames` makes paths of the vendor's names. */
  readonly changes?: ((cursor: string | undefined, options: Operation) => Promise<ChangesSince>) | undefined
  readonly close?: (() => Promise<void>) | undefined
}
