import { throwIfAborted } from '../abort.ts'
import type { CopyOptions, StorageDriver } from '../contract.ts'
import { StorageError } from '../error.ts'
import { pages } from '../pages.ts'
import { isWithin, parentPath, parsePath, type StoragePath } from '../path.ts'
import { alreadyExists, removeItem, type TreeChanges } from './tree-changes.ts'
import { childPath, entryAt, placeIn } from './tree-paths.ts'
import type { TreeItem, TreePlace } from './tree-source.ts'

/** `copy` and `move`, where the service has the means. */
export function transferMethods<Item extends TreeItem>(changes: TreeChanges<Item>) {
  const { source, paths } = changes
  const { move, copy } = source
  return {
    ...(move && {
      async move(path: StoragePath, options: CopyOptions) {
        throwIfAborted(options.signal)
        const { item, place } = await prepare(changes, path, { ...options, renames: true })
        const moved = await move(item, place, options)
        paths.forgetWithin(path)
        return entryAt(options.destination, moved)
      },
    }),
    ...(copy && {
      async copy(path: StoragePath, options: CopyOptions) {
        throwIfAborted(options.signal)
        const { item, place } = await prepare(changes, path, options)
        if (item.facts.kind === 'file' || !source.copiesFilesOnly) {
          return entryAt(options.destination, await copy(item, place, options))
        }
        await copyDirectory(changes, path, options)
        return entryAt(options.destination, await paths.item(options.destination, options))
      },
    }),
  } satisfies Partial<StorageDriver>
}

interface Transfer extends CopyOptions {
  /** Whether the item may stay where it is, under its name in another case. */
  readonly renames?: boolean | undefined
}

/** What goes where, once the destination is free. */
async function prepare<Item extends TreeItem>(
  changes: TreeChanges<Item>,
  path: StoragePath,
  { destination, overwrite = false, renames = false, signal }: Transfer,
): Promise<{ item: Item; place: TreePlace }> {
  const { source, paths, directories } = changes
  const item = await paths.item(path, { signal })
  const fold = (any: StoragePath): StoragePath => (source.traits.caseSensitive ? any : parsePath(any.toLowerCase()))
  const [from, to] = [fold(path), fold(destination)]
  const isItself = from === to && path !== destination
  if (!isItself && (isWithin(to, from) || isWithin(from, to))) {
    const message = `/${path} cannot be put at /${destination}: one of them contains the other.`
    throw new StorageError('InvalidArgument', message, { path })
  }
  const there = await paths.find(destination, { signal })
  if (there && !(renames && there.id === item.id)) {
    if (!overwrite || !source.remove || there.id === item.id) throw alreadyExists(destination)
    await removeItem(changes, destination, { signal })
  }
  return { item, place: placeIn(await directories(parentPath(destination), { signal }), destination) }
}

async function copyDirectory<Item extends TreeItem>(
  { source, paths, directories }: TreeChanges<Item>,
  path: StoragePath,
  { destination, signal }: CopyOptions,
): Promise<void> {
  const target = await directories(destination, { signal })
  const children = pages((page) => paths.withDirectory(path, page, (directory) => paths.children(directory, page)), {
    signal,
  })
  for await (const item of children) {
    const from = childPath(path, item)
    const to = childPath(destination, item)
    if (item.facts.kind === 'file') await source.copy?.(item, { directory: target, name: item.facts.name }, { signal })
    else await copyDirectory({ source, paths, directories }, from, { destination: to, signal })
  }
}
