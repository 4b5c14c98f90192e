import { throwIfAborted } from '../abort.ts'
import type { Entry, Operation, StorageDriver } from '../contract.ts'
import { isADirectory } from '../error.ts'
import { baseName, type StoragePath } from '../path.ts'
import { acrossMethods } from './tree-across.ts'
import { changeMethods, treeChanges } from './tree-changes.ts'
import { pathOfNames } from './path-of-names.ts'
import { childPath, entryAt, type TreePaths, treePaths } from './tree-paths.ts'
import type { TreeItem, TreeSource } from './tree-source.ts'
import { transferMethods } from './tree-transfers.ts'

/**
 * A driver for a service that addresses its items by id. Paths are resolved segment by segment; the ids of directories
 * are remembered for a while, and looked up anew as soon as one leads nowhere. Where a directory may hold a name twice,
 * the newest item stands for it.
 */
export function fromTree<Item extends TreeItem>(source: TreeSource<Item>): StorageDriver {
  const paths = treePaths(source)
  const changes = treeChanges(source, paths)
  const { provider, traits, about, changes: feed, close } = source
  return {
    provider,
    traits,
    ...readMethods(source, paths),
    ...walkMethod(source, paths),
    ...factMethods(source, paths),
    ...changeMethods(changes),
    ...transferMethods(changes),
    ...acrossMethods(changes),
    ...(about && {
      about: async (path, options = {}) => {
        await paths.item(path, options)
        return about(options)
      },
    }),
    ...(feed && {
      changes: async (cursor, options = {}) => {
        throwIfAborted(options.signal)
        const asked = paths.moment()
        const found = await feed(cursor, options)
        paths.heard(found, asked, cursor)
        return found
      },
    }),
    ...(close && { close: () => close() }),
  } satisfies StorageDriver
}

function readMethods<Item extends TreeItem>(source: TreeSource<Item>, paths: TreePaths<Item>) {
  return {
    async stat(path, options = {}) {
      throwIfAborted(options.signal)
      const item = await paths.item(path, options)
      const metadata = await source.metadata?.(item, options)
      return { ...entryAt(path, item), ...(metadata && { metadata }) }
    },
    async list(path, options = {}) {
      throwIfAborted(options.signal)
      const asked = paths.moment()
      const page = await paths.withDirectory(path, options, (directory) => paths.children(directory, options))
      const items: Entry[] = page.items.map((item) => {
        const at = childPath(path, item)
        paths.remember(at, item, asked)
        return entryAt(at, item)
      })
      return { items, cursor: page.cursor }
    },
    async read(path, options = {}) {
      throwIfAborted(options.signal)
      const item = await fileItem(paths, path, options)
      const { facts, range, body } = await source.open(item, options)
      const entry = entryAt(path, { id: item.id, facts: facts ?? item.facts })
      if (entry.kind === 'directory') throw isADirectory(path)
      return { entry, range, body }
    },
  } satisfies Partial<StorageDriver>
}

function walkMethod<Item extends TreeItem>({ walk }: TreeSource<Item>, paths: TreePaths<Item>) {
  return {
    ...(walk && {
      async walk(path, options = {}) {
        throwIfAborted(options.signal)
        const page = await paths.withDirectory(path, options, (directory) => walk(directory, options))
        const items: Entry[] = page.items.map(({ item, within }) => {
          return entryAt(childPath(pathOfNames(within, path), item), item)
        })
        return { items, cursor: page.cursor }
      },
    }),
  } satisfies Partial<StorageDriver>
}

/** The methods about one item that exist where the service has them. */
function factMethods<Item extends TreeItem>(source: TreeSource<Item>, paths: TreePaths<Item>) {
  const { hash, revisions, publicLink, setModified } = source
  return {
    ...(hash && {
      hash: async (path, options) => {
        throwIfAborted(options.signal)
        return hash(await fileItem(paths, path, options), options)
      },
    }),
    ...(revisions && {
      revisions: async (path, options = {}) => {
        throwIfAborted(options.signal)
        const page = await revisions(await fileItem(paths, path, options), options)
        return { ...page, items: page.items.map((facts) => ({ ...facts, path, name: baseName(path) })) }
      },
    }),
    ...(setModified && {
      setModified: async (path, options) => {
        throwIfAborted(options.signal)
        return entryAt(path, await setModified(await paths.item(path, options), options))
      },
    }),
    ...(publicLink && {
      publicLink: async (path, options = {}) => {
        throwIfAborted(options.signal)
        return publicLink(await fileItem(paths, path, options), options)
      },
    }),
  } satisfies Partial<StorageDriver>
}

/** The item of a file. @throws StorageError `NotFound` or `IsADirectory` */
async function fileItem<Item extends TreeItem>(
  paths: TreePaths<Item>,
  path: StoragePath,
  options: Operation,
): Promise<Item> {
  const item = await paths.item(path, options)
  if (item.facts.kind === 'directory') throw isADirectory(path)
  return item
}
