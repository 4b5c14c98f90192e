import type { Classify } from '../classify.ts'
import type {
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

/** An object as the vendor knows it. A key is any text; `/` divides it into names. */
export interface BucketObject {
  readonly key: string
  readonly facts: Omit<FileEntry, 'kind' | 'path' | 'name'>
}

export interface BucketQuery extends ListOptions {
  /** Ends in `/`, or is empty. */
  readonly prefix: string
  /** Whether keys that go on behind another `/` are summed up as prefixes; otherwise all of them come as objects. */
  readonly delimited: boolean
}

export interface BucketPage<Item extends BucketObject = BucketObject> {
  readonly objects: readonly Item[]
  /** The prefixes that sum up deeper keys, each with its final `/`. */
  readonly prefixes: readonly string[]
  readonly cursor?: string | undefined
}

export interface BucketOpened {
  /** The object as the answer described it. */
  readonly object: BucketObject
  readonly range?: ReadResult['range']
  readonly body: ReadableStream<Uint8Array>
}

/**
 * A store of flat keys (S3, GCS, Azure blobs and the like), in its own terms. The optional members become methods of
 * the contract when they are given. A driver whose root lists buckets gives keys that begin with the bucket's name.
 */
export interface BucketSource<Item extends BucketObject = BucketObject> {
  readonly provider: string
  /** `directories` is always `implied`. */
  readonly traits: Omit<Traits, 'directories'>
  /** The driver's table of errors, by which one is recognised that says that an object is not there. */
  readonly classify?: Classify | undefined
  /**
   * Whether keys come in the order of their bytes or UTF-16 units when listed without a delimiter. Default true; without
   * it there is no `walk`.
   */
  readonly ordered?: boolean | undefined
  /**
   * Whether empty objects whose key ends in `/` are written to keep directories that hold nothing, which makes
   * `makeDirectory` possible. Those that others wrote are understood anyway.
   */
  readonly markers?: boolean | undefined

  readonly pages: (query: BucketQuery) => Promise<BucketPage<Item>>
  /** Rejects, or gives `undefined`, when there is no object of exactly that key. */
  readonly head: (key: string, options: Operation) => Promise<Item | undefined>
  readonly open: (key: string, options: ReadOptions) => Promise<BucketOpened>

  readonly put?: ((key: string, options: WriteOptions) => Promise<Item>) | undefined
  /** Deletes a page of keys, at most so many as `pages` gives at once. One that is not there is no error. */
  readonly delete?: ((keys: readonly string[], options: Operation) => Promise<void>) | undefined
  /** Copies one object inside the store, over what is there. */
  readonly copy?: ((key: string, destination: string, options: Operation) => Promise<Item>) | undefined
  readonly setModified?: ((key: string, options: ModifiedOptions) => Promise<Item>) | undefined

  readonly hash?: ((key: string, options: HashOptions) => Promise<string>) | undefined
  readonly revisions?: ((key: string, options: ListOptions) => Promise<Page<Item>>) | undefined
  readonly publicLink?: ((key: string, options: LinkOptions) => Promise<string>) | undefined
  readonly about?: ((options: Operation) => Promise<Usage>) | undefined
  readonly close?: (() => Promise<void>) | undefined
}
