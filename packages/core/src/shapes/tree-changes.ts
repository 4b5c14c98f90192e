import { throwIfAborted } from '../abort.ts'
import { releaseBody } from '../byte-stream.ts'
import { evaluateConditions } from '../conditions.ts'
import type { DirectoryEntry, FileEntry, Operation, StorageDriver, WriteOptions } from '../contract.ts'
import { isADirectory, notADirectory, StorageError } from '../error.ts'
import { parentPath, root, type StoragePath } from '../path.ts'
import { inTurn } from './in-turn.ts'
import { entryAt, placeIn, type TreePaths } from './tree-paths.ts'
import type { TreeItem, TreeSource } from './tree-source.ts'

/** The methods that change something, those for which the service has the means. */
export function changeMethods<Item extends TreeItem>(changes: TreeChanges<Item>) {
  const { paths, directories } = changes
  const { create, remove, createDirectory } = changes.source
  const writing = inTurn()
  return {
    ...(create && {
      async write(path: StoragePath, options: WriteOptions): Promise<FileEntry> {
        try {
          // Two writers of a new path would otherwise both find nothing there, and make two files of one name.
          const item = await writing(path, () => writeItem(changes, path, options), options.signal)
          return fileEntryAt(path, item)
        } finally {
          await releaseBody(options.body)
        }
      },
    }),
    ...(createDirectory && {
      async makeDirectory(path: StoragePath, options: Operation = {}): Promise<DirectoryEntry> {
        throwIfAborted(options.signal)
        const there = await paths.find(path, options)
        if (there?.facts.kind === 'file') throw alreadyExists(path)
        await directories(path, options)
        const entry = entryAt(path, await paths.item(path, options))
        if (entry.kind === 'file') throw alreadyExists(path)
        return entry
      },
    }),
    ...(remove && {
      async remove(path: StoragePath, options: Operation = {}): Promise<void> {
        throwIfAborted(options.signal)
        await removeItem(changes, path, options)
      },
    }),
  } satisfies Partial<StorageDriver>
}

export interface TreeChanges<Item extends TreeItem> {
  readonly source: TreeSource<Item>
  readonly paths: TreePaths<Item>
  readonly directories: DirectoryMaker
}

export function treeChanges<Item extends TreeItem>(
  source: TreeSource<Item>,
  paths: TreePaths<Item>,
): TreeChanges<Item> {
  return { source, paths, directories: directoryMaker(source, paths) }
}

/** The id of the directory at a path, made with its parents where missing. */
type DirectoryMaker = (path: StoragePath, options: Operation) => Promise<string>

function directoryMaker<Item extends TreeItem>(source: TreeSource<Item>, paths: TreePaths<Item>): DirectoryMaker {
  const making = inTurn()

  async function make(path: StoragePath, options: Operation): Promise<string> {
    if (path === root) return source.root.id
    const there = await paths.find(path, options)
    if (there?.facts.kind === 'file') throw notADirectory(path)
    if (there) return there.id
    const parent = await directories(parentPath(path), options)
    if (!source.createDirectory) {
      throw new StorageError('Unsupported', `The ${source.provider} storage cannot make the directory /${path}.`, {
        path,
      })
    }
    const asked = paths.moment()
    const made = await source.createDirectory(placeIn(parent, path), options)
    paths.remember(path, made, asked)
    return made.id
  }

  /** In turn by path, so that calls at the same time do not make a directory twice. */
  const directories: DirectoryMaker = (path, options) => making(path, () => make(path, options), options.signal)
  return directories
}

async function writeItem<Item extends TreeItem>(
  { source, paths, directories }: TreeChanges<Item>,
  path: StoragePath,
  options: WriteOptions,
): Promise<Item> {
  const { create, update, remove } = source
  const old = await paths.find(path, options)
  if (old?.facts.kind === 'directory') throw isADirectory(path)
  checkConditions(path, old, options)
  if (old && update) return update(old, options)
  if (!create || (old && !remove)) throw alreadyExists(path)
  const made = await create(placeIn(await directories(parentPath(path), options), path), options)
  if (old && remove) await remove(old, options)
  return made
}

/** Looks before it writes, which is as far as one can go where the vendor takes no condition with the write itself. */
function checkConditions(path: StoragePath, old: TreeItem | undefined, { conditions }: WriteOptions): void {
  if (!conditions) return
  const fails = evaluateConditions(conditions, old?.facts.kind === 'file' ? old.facts : undefined) !== 'proceed'
  if (fails) throw new StorageError('PreconditionFailed', `The condition does not hold for /${path}.`, { path })
}

export async function removeItem<Item extends TreeItem>(
  { source, paths }: TreeChanges<Item>,
  path: StoragePath,
  options: Operation,
): Promise<void> {
  if (path === root) throw new StorageError('InvalidArgument', 'The root of a storage cannot be removed.', { path })
  const item = await paths.item(path, options)
  await source.remove?.(item, options)
  paths.forgetWithin(path)
}

function fileEntryAt(path: StoragePath, item: TreeItem): FileEntry {
  const entry = entryAt(path, item)
  if (entry.kind === 'directory') throw isADirectory(path)
  return entry
}

export const alreadyExists = (path: StoragePath): StorageError =>
  new StorageError('AlreadyExists', `There is something at /${path} already.`, { path })
