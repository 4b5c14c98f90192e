import type { Entry, ListOptions, Operation, Page } from '../contract.ts'
import { notADirectory, notFound, StorageError } from '../error.ts'
import { nameOfSegment, segmentOfName } from '../names/segment.ts'
import { baseName, joinPath, parentPath, root, type StoragePath } from '../path.ts'
import { type DirectoryIds, directoryIds, type Moment } from './directory-ids.ts'
import { missingBy } from './missing.ts'
import { type TreeChildren, treeChildren } from './tree-children.ts'
import type { TreeItem, TreePlace, TreeSource, TreeWay } from './tree-source.ts'

/** Finds items by path, segment by segment, in a service that knows only ids. */
export interface TreePaths<Item extends TreeItem> {
  /** @throws StorageError `NotFound` */
  readonly item: (path: StoragePath, options: Operation) => Promise<Item>
  readonly find: (path: StoragePath, options: Operation) => Promise<Item | undefined>
  /**
   * Runs `use` with the id of a directory; when that id turns out to be gone, once more with a fresh one.
   * @throws StorageError `NotFound`, or `NotADirectory` when a file stands at `path`.
   */
  readonly withDirectory: <Result>(
    path: StoragePath,
    options: Operation,
    use: (directory: string) => Promise<Result>,
  ) => Promise<Result>
  /** A page of the children of a directory, no name twice. */
  readonly children: (directory: string, options: ListOptions) => Promise<Page<Item>>
  /** @param asked from before the vendor was asked for it */
  readonly remember: (path: StoragePath, item: Item, asked: Moment) => void
  readonly forgetWithin: (path: StoragePath) => void
  readonly moment: DirectoryIds['moment']
  readonly heard: DirectoryIds['heard']
}

/** The name under which the vendor knows the last segment of `path`. */
export const vendorName = (path: StoragePath): string => nameOfSegment(baseName(path))

export const placeIn = (directory: string, path: StoragePath): TreePlace => ({ directory, name: vendorName(path) })

export function childPath(directory: StoragePath, item: TreeItem): StoragePath {
  return joinPath(directory, segmentOfName(item.facts.name))
}

export function entryAt(path: StoragePath, { facts }: TreeItem): Entry {
  return { ...facts, path, name: baseName(path) }
}

/** An id led nowhere. Stays inside this file: it means that what was remembered is stale. */
class Gone extends Error {}

const goneWhereMissing =
  (isMissing: (error: unknown) => boolean) =>
  async <Result>(answer: Promise<Result>): Promise<Result> => {
    try {
      return await answer
    } catch (error) {
      throw isMissing(error) ? new Gone('The id of a directory led nowhere.', { cause: error }) : error
    }
  }

export function treePaths<Item extends TreeItem>(source: TreeSource<Item>): TreePaths<Item> {
  const directories = treeDirectories(source)
  const find: TreePaths<Item>['find'] = async (path, options) => {
    if (path === root) return source.root
    try {
      return await directories.withDirectory(parentPath(path), options, (parent) =>
        directories.lookUp(placeIn(parent, path), options),
      )
    } catch (error) {
      if (isAbsence(error)) return undefined
      throw error
    }
  }
  return {
    ...directories,
    find,
    async item(path, options) {
      const found = await find(path, options)
      if (!found) throw notFound(path)
      return found
    },
  }
}

interface TreeDirectories<Item extends TreeItem> extends Omit<TreePaths<Item>, 'item' | 'find'>, TreeChildren<Item> {}

function treeDirectories<Item extends TreeItem>(source: TreeSource<Item>): TreeDirectories<Item> {
  const { rememberFor = 60_000, now = Date.now } = source
  const asked = goneWhereMissing(missingBy(source.classify))
  const ids = directoryIds({ rememberFor, now, caseSensitive: source.traits.caseSensitive })
  const children = treeChildren(source, asked)

  const known = (path: StoragePath, { fresh }: Operation): string | undefined =>
    path === root ? source.root.id : fresh ? undefined : ids.get(path)

  /** @param mayLeap `false` while a way is gone step by step, since the service did not find it at once */
  async function directory(path: StoragePath, options: Operation, mayLeap = true): Promise<string> {
    const there = known(path, options)
    if (there !== undefined) return there
    const asked = ids.moment()
    const item = (mayLeap ? await leap(path, options) : undefined) ?? (await step(path, options))
    if (item.facts.kind === 'file') throw notADirectory(path)
    ids.set(path, item.id, asked)
    return item.id
  }

  async function step(path: StoragePath, options: Operation): Promise<Item> {
    const item = await children.lookUp(placeIn(await directoryAbove(path, options), path), options)
    if (!item) throw notFound(path)
    return item
  }

  /** In one call, from the nearest directory that is known, unless that is the one around it. */
  async function leap(path: StoragePath, options: Operation): Promise<Item | undefined> {
    const way = source.at && wayTo(path, (above) => known(above, options))
    return way && way.names.length > 1 ? source.at?.(way, options) : undefined
  }

  /** A file, or nothing, above `path` means that there is nothing at `path` either. */
  async function directoryAbove(path: StoragePath, options: Operation): Promise<string> {
    try {
      return await directory(parentPath(path), options, false)
    } catch (error) {
      throw isAbsence(error) ? notFound(path) : error
    }
  }

  async function withDirectory<Result>(
    path: StoragePath,
    options: Operation,
    use: (directory: string) => Promise<Result>,
    retry = true,
  ): Promise<Result> {
    try {
      return await asked(use(await directory(path, options)))
    } catch (error) {
      if (!(error instanceof Gone)) throw error
      ids.forgetAlong(path)
      if (retry) return withDirectory(path, options, use, false)
      throw notFound(path)
    }
  }

  return {
    lookUp: children.lookUp,
    children: children.children,
    withDirectory,
    remember: (path, item, asked) => {
      if (item.facts.kind === 'directory') ids.set(path, item.id, asked)
    },
    forgetWithin: (path) => ids.forgetWithin(path),
    moment: () => ids.moment(),
    heard: (...answer) => ids.heard(...answer),
  }
}

/** @param known the ids of directories; that of the root always is */
function wayTo(path: StoragePath, known: (path: StoragePath) => string | undefined): TreeWay {
  const names = [vendorName(path)]
  let above = parentPath(path)
  let directory = known(above)
  for (; directory === undefined; directory = known(above)) {
    names.unshift(vendorName(above))
    above = parentPath(above)
  }
  return { directory, names }
}

const isAbsence = (error: unknown): boolean =>
  StorageError.is(error, 'NotFound') || StorageError.is(error, 'NotADirectory')
