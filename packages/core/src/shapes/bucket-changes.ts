import { throwIfAborted } from '../abort.ts'
import { releaseBody, streamBytes } from '../byte-stream.ts'
import type { CopyOptions, Entry, Operation, StorageDriver, WriteOptions } from '../contract.ts'
import { isADirectory, notFound, StorageError } from '../error.ts'
import { isWithin, parentPath, root, type StoragePath } from '../path.ts'
import { directoryAt, fileAt, keyOf, prefixOf } from './bucket-keys.ts'
import type { BucketLookup } from './bucket-lookup.ts'
import type { BucketObject, BucketSource } from './bucket-source.ts'
import { concurrently } from './concurrently.ts'

/** Copies inside the store that run at the same time. */
const copiesAtOnce = 8

/** The methods that change something, those for which the store has the means. */
export function bucketChanges<Item extends BucketObject>(source: BucketSource<Item>, lookup: BucketLookup<Item>) {
  const { put, markers, copy } = source
  const remove = source.delete
  const keep = directoryKeeper(source, lookup)
  return {
    ...(put && {
      async write(path: StoragePath, options: WriteOptions) {
        try {
          throwIfAborted(options.signal)
          if (path === root) throw isADirectory(path)
          await keep(parentPath(path), options)
          return fileAt(path, await put(keyOf(path), options))
        } finally {
          await releaseBody(options.body)
        }
      },
    }),
    ...(put &&
      markers && {
        async makeDirectory(path: StoragePath, options: Operation = {}) {
          throwIfAborted(options.signal)
          if (await lookup.file(path, options)) throw alreadyExists(path)
          await keep(path, options)
          return directoryAt(path)
        },
      }),
    ...(remove && {
      async remove(path: StoragePath, options: Operation = {}) {
        throwIfAborted(options.signal)
        if (path === root)
          throw new StorageError('InvalidArgument', 'The root of a storage cannot be removed.', { path })
        await removeKeys(remove, lookup, path, options)
      },
    }),
    ...(copy && {
      async copy(path: StoragePath, options: CopyOptions) {
        throwIfAborted(options.signal)
        await prepare(source, lookup, path, options)
        await keep(parentPath(options.destination), options)
        return copyKeys(copy, lookup, path, options)
      },
    }),
    ...(copy &&
      remove && {
        async move(path: StoragePath, options: CopyOptions) {
          throwIfAborted(options.signal)
          await prepare(source, lookup, path, options)
          await keep(parentPath(options.destination), options)
          const entry = await copyKeys(copy, lookup, path, options)
          await removeKeys(remove, lookup, path, options)
          return entry
        },
      }),
  } satisfies Partial<StorageDriver>
}

/** Writes the markers of a directory and of all above it that have none; does nothing where markers are off. */
function directoryKeeper<Item extends BucketObject>({ put, markers }: BucketSource<Item>, lookup: BucketLookup<Item>) {
  return async (path: StoragePath, { signal, fresh }: Operation): Promise<void> => {
    if (!put || !markers) return
    for (let at = path; at !== root; at = parentPath(at)) {
      if (await lookup.marker(at, { signal, fresh })) continue
      await put(prefixOf(at), { body: streamBytes(new Uint8Array()), size: 0, signal })
    }
  }
}

type Delete = NonNullable<BucketSource['delete']>
type Copy = NonNullable<BucketSource['copy']>

async function removeKeys<Item extends BucketObject>(
  remove: Delete,
  lookup: BucketLookup<Item>,
  path: StoragePath,
  { signal }: Operation,
): Promise<void> {
  if (await lookup.file(path, { signal })) return remove([keyOf(path)], { signal })
  let found = false
  for await (const objects of lookup.below(path, { signal })) {
    if (objects.length === 0) continue
    found = true
    await remove(
      objects.map(({ key }) => key),
      { signal },
    )
  }
  if (!found) throw notFound(path)
}

async function copyKeys<Item extends BucketObject>(
  copy: Copy,
  lookup: BucketLookup<Item>,
  path: StoragePath,
  { destination, signal }: CopyOptions,
): Promise<Entry> {
  if (await lookup.file(path, { signal })) {
    return fileAt(destination, await copy(keyOf(path), keyOf(destination), { signal }))
  }
  const [from, to] = [prefixOf(path), prefixOf(destination)]
  for await (const objects of lookup.below(path, { signal })) {
    await concurrently(objects, copiesAtOnce, ({ key }) => copy(key, to + key.slice(from.length), { signal }))
  }
  return directoryAt(destination)
}

/** Makes sure that there is something to copy, and a free place to copy it to. */
async function prepare<Item extends BucketObject>(
  source: BucketSource<Item>,
  lookup: BucketLookup<Item>,
  path: StoragePath,
  { destination, overwrite = false, signal }: CopyOptions,
): Promise<void> {
  const file = await lookup.file(path, { signal })
  if (!file && !(await lookup.hasDirectory(path, { signal }))) throw notFound(path)
  if (isWithin(destination, path) || isWithin(path, destination)) {
    const message = `/${path} cannot be put at /${destination}: one of them contains the other.`
    throw new StorageError('InvalidArgument', message, { path })
  }
  const oldFile = await lookup.file(destination, { signal })
  const oldDirectory = !oldFile && (await lookup.hasDirectory(destination, { signal }))
  if (!oldFile && !oldDirectory) return
  if (!overwrite) throw alreadyExists(destination)
  // One object replaces another without a moment in between; anything else has to make way.
  if (oldFile && file) return
  if (!source.delete) throw alreadyExists(destination)
  await removeKeys(source.delete, lookup, destination, { signal })
}

const alreadyExists = (path: StoragePath): StorageError =>
  new StorageError('AlreadyExists', `There is something at /${path} already.`, { path })
