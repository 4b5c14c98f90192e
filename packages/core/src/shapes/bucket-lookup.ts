import type { Operation } from '../contract.ts'
import { isADirectory, notADirectory, notFound, type StorageError } from '../error.ts'
import { pages } from '../pages.ts'
import { root, type StoragePath } from '../path.ts'
import { keyOf, prefixOf } from './bucket-keys.ts'
import { missingBy } from './missing.ts'
import type { BucketObject, BucketSource } from './bucket-source.ts'

/** What stands at a path of a store that knows only keys. */
export interface BucketLookup<Item extends BucketObject> {
  readonly file: (path: StoragePath, options: Operation) => Promise<Item | undefined>
  /** The object that keeps a directory although it may hold nothing. */
  readonly marker: (path: StoragePath, options: Operation) => Promise<Item | undefined>
  readonly hasDirectory: (path: StoragePath, options: Operation) => Promise<boolean>
  /** All objects whose key begins with the prefix of a directory, page by page, its own marker among them. */
  readonly below: (path: StoragePath, options: Operation) => AsyncGenerator<readonly Item[], void, undefined>
  /** Runs `use` with the key of a file. @throws StorageError `NotFound` or `IsADirectory` when there is no such object. */
  readonly withFile: <Result>(
    path: StoragePath,
    options: Operation,
    use: (key: string) => Promise<Result>,
  ) => Promise<Result>
  /** The error for a path that gave nothing when it was asked as a file. */
  readonly noFile: (path: StoragePath, options: Operation) => Promise<StorageError>
  /** The error for a path that gave nothing when it was asked as a directory. */
  readonly noDirectory: (path: StoragePath, options: Operation) => Promise<StorageError>
}

export function bucketLookup<Item extends BucketObject>(source: BucketSource<Item>): BucketLookup<Item> {
  const isMissing = missingBy(source.classify)

  async function object(key: string, options: Operation): Promise<Item | undefined> {
    if (key === '') return undefined
    try {
      return await source.head(key, options)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  const file: BucketLookup<Item>['file'] = async (path, options) => object(keyOf(path), options)

  const hasDirectory: BucketLookup<Item>['hasDirectory'] = async (path, { signal, fresh }) => {
    if (path === root) return true
    const query = { prefix: prefixOf(path), delimited: false }
    const objects = pages(
      async (page) => {
        const { objects, cursor } = await source.pages({ ...page, ...query })
        return { items: objects, cursor }
      },
      { signal, fresh, limit: 1 },
    )
    const first = await objects.next()
    await objects.return()
    return !first.done
  }

  const below: BucketLookup<Item>['below'] = (path, { signal, fresh }) => {
    const query = { prefix: prefixOf(path), delimited: false }
    return pages(
      async (page) => {
        const { objects, cursor } = await source.pages({ ...page, ...query })
        return { items: [objects], cursor }
      },
      { signal, fresh },
    )
  }

  const noFile: BucketLookup<Item>['noFile'] = async (path, options) =>
    (await hasDirectory(path, options)) ? isADirectory(path) : notFound(path)

  return {
    file,
    marker: (path, options) => object(prefixOf(path), options),
    hasDirectory,
    below,
    async withFile(path, options, use) {
      if (path === root) throw isADirectory(path)
      try {
        return await use(keyOf(path))
      } catch (error) {
        if (!isMissing(error)) throw error
        throw await noFile(path, options)
      }
    },
    noFile,
    noDirectory: async (path, options) => ((await file(path, options)) ? notADirectory(path) : notFound(path)),
  }
}
