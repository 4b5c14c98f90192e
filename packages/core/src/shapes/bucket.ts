import { throwIfAborted } from '../abort.ts'
import type { Entry, StorageDriver } from '../contract.ts'
import { notFound } from '../error.ts'
import { root } from '../path.ts'
import { bucketChanges } from './bucket-changes.ts'
import { directoryAt, fileAt, isMarker, pathBelow, prefixOf } from './bucket-keys.ts'
import { type BucketLookup, bucketLookup } from './bucket-lookup.ts'
import type { BucketObject, BucketSource } from './bucket-source.ts'
import { walkKeys } from './bucket-walk.ts'

/**
 * A driver for a store of flat keys. A directory is there as long as a key lies below it, or a marker keeps it. Where both
 * `a` and `a/b` are keys, a listing shows a file and a directory of that name, and `stat` the file. Keys with empty names
 * in them, as in `/a` and `a//b`, lie in directories without a name; an object that is no marker but whose key ends in
 * `/` cannot be reached.
 */
export function fromBucket<Item extends BucketObject>(source: BucketSource<Item>): StorageDriver {
  const lookup = bucketLookup(source)
  const { provider, traits, ordered = true, about, close } = source
  return {
    provider,
    traits: { ...traits, directories: 'implied' },
    ...readMethods(source, lookup),
    ...(ordered && {
      walk: async (path, options = {}) => {
        throwIfAborted(options.signal)
        return walkKeys(source, lookup, path, options)
      },
    }),
    ...factMethods(source, lookup),
    ...bucketChanges(source, lookup),
    ...(about && { about: async (_path, options = {}) => about(options) }),
    ...(close && { close: () => close() }),
  } satisfies StorageDriver
}

function readMethods<Item extends BucketObject>(source: BucketSource<Item>, lookup: BucketLookup<Item>) {
  return {
    async stat(path, options = {}) {
      throwIfAborted(options.signal)
      const object = await lookup.file(path, options)
      if (object) return fileAt(path, object)
      if (await lookup.hasDirectory(path, options)) return directoryAt(path)
      throw notFound(path)
    },
    async list(path, options = {}) {
      throwIfAborted(options.signal)
      const prefix = prefixOf(path)
      const { objects, prefixes, cursor } = await source.pages({ ...options, prefix, delimited: true })
      const nothing = objects.length === 0 && prefixes.length === 0 && cursor === undefined
      if (nothing && options.cursor === undefined && path !== root) throw await lookup.noDirectory(path, options)
      const files = objects
        .filter(({ key }) => !isMarker(key))
        .map((object) => fileAt(pathBelow(path, object.key), object))
      const directories = prefixes.map((deeper) => directoryAt(pathBelow(path, deeper)))
      const items: readonly Entry[] = [...directories, ...files]
      return { items, cursor }
    },
    async read(path, options = {}) {
      throwIfAborted(options.signal)
      const { object, range, body } = await lookup.withFile(path, options, (key) => source.open(key, options))
      return { entry: fileAt(path, object), range, body }
    },
  } satisfies Partial<StorageDriver>
}

/** The methods about one file that exist where the store has them. */
function factMethods<Item extends BucketObject>(source: BucketSource<Item>, lookup: BucketLookup<Item>) {
  const { hash, revisions, publicLink, setModified } = source
  return {
    ...(hash && {
      hash: async (path, options) => {
        throwIfAborted(options.signal)
        return lookup.withFile(path, options, (key) => hash(key, options))
      },
    }),
    ...(revisions && {
      revisions: async (path, options = {}) => {
        throwIfAborted(options.signal)
        const { items, cursor } = await lookup.withFile(path, options, (key) => revisions(key, options))
        // Stores list versions by prefix, and of a key that never was they list none.
        if (items.length === 0 && options.cursor === undefined && cursor === undefined) {
          throw await lookup.noFile(path, options)
        }
        return { items: items.map((object) => fileAt(path, object)), cursor }
      },
    }),
    ...(setModified && {
      setModified: async (path, options) => {
        throwIfAborted(options.signal)
        return fileAt(path, await lookup.withFile(path, options, (key) => setModified(key, options)))
      },
    }),
    ...(publicLink && {
      publicLink: async (path, options = {}) => {
        throwIfAborted(options.signal)
        return lookup.withFile(path, options, (key) => publicLink(key, options))
      },
    }),
  } satisfies Partial<StorageDriver>
}
