import { throwIfAborted } from '../abort.ts'
import type { CopyFromOptions, Operation, ServiceHandle, StorageDriver } from '../contract.ts'
import { isADirectory, StorageError } from '../error.ts'
import { parentPath, type StoragePath } from '../path.ts'
import { alreadyExists, type TreeChanges } from './tree-changes.ts'
import { entryAt, placeIn } from './tree-paths.ts'
import type { TreeItem } from './tree-source.ts'

/** `handle` and `copyFrom`, where the service copies between connections. */
export function acrossMethods<Item extends TreeItem>({ source, paths, directories }: TreeChanges<Item>) {
  const { across, provider } = source
  return {
    ...(across && {
      async handle(path: StoragePath, options: Operation = {}): Promise<ServiceHandle> {
        throwIfAborted(options.signal)
        const item = await paths.item(path, options)
        if (item.facts.kind === 'directory') throw isADirectory(path)
        return { service: across.service, reference: across.referenceOf(item) }
      },
      async copyFrom(path: StoragePath, { handle: { service, reference }, signal }: CopyFromOptions) {
        throwIfAborted(signal)
        if (service !== across.service) {
          throw new StorageError('Unsupported', `${provider} cannot copy what lies in another service.`, { path })
        }
        if (await paths.find(path, { signal })) throw alreadyExists(path)
        const place = placeIn(await directories(parentPath(path), { signal }), path)
        return entryAt(path, await across.copyFrom(reference, place, { signal }))
      },
    }),
  } satisfies Partial<StorageDriver>
}
