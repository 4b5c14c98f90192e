import type { Entry, Page, StorageDriver } from '../contract.ts'
import { toUser, toWire } from '../names/outward.ts'
import { nameOfSegment, segmentOfName } from '../names/segment.ts'
import { baseName, joinPath, root, type StoragePath } from '../path.ts'
import { around, type Layer } from './around.ts'

/** A path with each of its names turned by `change`, which gives one plain segment. */
function mapNames(path: StoragePath, change: (name: string) => string): StoragePath {
  if (path === root) return root
  return path.split('/').reduce((parent, name) => joinPath(parent, change(name)), root)
}

/**
 * Users see names in the standard form, the vendor gets them as `mask` says, and the other way round. Every spelling of a
 * name that a user may choose finds the same entry, which comes back under its canonical one.
 */
export function named(mask: number): Layer {
  const wirePath = (path: StoragePath): StoragePath => mapNames(path, (name) => segmentOfName(toWire(mask, name)))
  const userPath = (path: StoragePath): StoragePath => mapNames(path, (name) => toUser(mask, nameOfSegment(name)))

  function shown<Item extends Entry>(entry: Item): Item {
    const path = userPath(entry.path)
    return { ...entry, path, name: baseName(path) }
  }
  const shownPage = <Item extends Entry>(page: Page<Item>): Page<Item> => ({ ...page, items: page.items.map(shown) })

  return (inner) => {
    const wire = around(inner, async ({ path }, proceed) => proceed({ path: wirePath(path) }))
    const { walk, revisions, write, makeDirectory, copy, move, setModified } = wire
    return {
      ...wire,
      stat: async (path, options) => shown(await wire.stat(path, options)),
      list: async (path, options) => shownPage(await wire.list(path, options)),
      async read(path, options) {
        const result = await wire.read(path, options)
        return { ...result, entry: shown(result.entry) }
      },
      ...(walk && { walk: async (path, options) => shownPage(await walk(path, options)) }),
      ...(revisions && { revisions: async (path, options) => shownPage(await revisions(path, options)) }),
      ...(write && { write: async (path, options) => shown(await write(path, options)) }),
      ...(makeDirectory && { makeDirectory: async (path, options) => shown(await makeDirectory(path, options)) }),
      ...(copy && { copy: async (path, options) => shown(await copy(path, wireDestination(options))) }),
      ...(move && { move: async (path, options) => shown(await move(path, wireDestination(options))) }),
      ...(setModified && { setModified: async (path, options) => shown(await setModified(path, options)) }),
    } satisfies StorageDriver
  }

  function wireDestination<Options extends { readonly destination: StoragePath }>(options: Options): Options {
    return { ...options, destination: wirePath(options.destination) }
  }
}
