import { fromBucket, fromTree, parentPath, root, type StoragePath } from '@filegate/core'
import { type FlatStoreOptions, flatStore } from '../../core/src/testing/flat-store.ts'
import { type IdStoreOptions, idStore, topId } from '../../core/src/testing/id-store.ts'
import { describeDriver } from './describe-driver.ts'
import type { Harness } from './harness.ts'

function treeHarness(options: IdStoreOptions): Harness {
  const store = idStore(options)
  const ids = new Map<StoragePath, string>([[root, topId]])

  function directory(path: StoragePath): string {
    const id = ids.get(path) ?? store.put(directory(parentPath(path)), lastName(path))
    ids.set(path, id)
    return id
  }
  return {
    async seed(seeds) {
      for (const seed of seeds) {
        if (seed.kind === 'directory') directory(seed.path)
        else store.put(directory(parentPath(seed.path)), lastName(seed.path), seed.bytes)
      }
    },
    connect: async () => fromTree(store.source),
  }
}

const lastName = (path: StoragePath): string => path.slice(path.lastIndexOf('/') + 1)

describeDriver('fromTree over a service that lists only', treeHarness({ pageSize: 50 }))
describeDriver('fromTree over a service that finds children by name', treeHarness({ child: true, feed: true }))
describeDriver(
  'fromTree over a service that allows a name twice',
  treeHarness({ duplicates: true, update: false, copiesFilesOnly: true, pageSize: 500 }),
)

function bucketHarness(options: FlatStoreOptions, ordered = true): Harness {
  const store = flatStore(options)
  return {
    async seed(seeds) {
      for (const seed of seeds) if (seed.kind === 'file') store.put(seed.path, seed.bytes)
    },
    connect: async () => fromBucket({ ...store.source, ordered }),
  }
}

describeDriver('fromBucket', bucketHarness({}))
describeDriver('fromBucket with small pages', bucketHarness({ pageSize: 7 }))
describeDriver('fromBucket with directory markers', bucketHarness({ markers: true }))
describeDriver('fromBucket over a store that lists in no order', bucketHarness({}, false))
