import type { ChangesSince, Entry, Page, StorageDriver } from '../contract.ts'
import { StorageError } from '../error.ts'
import { toUser, toWire } from '../names/outward.ts'
import { emptySegment, nameOfSegment, segmentOfName } from '../names/segment.ts'
import { baseName, joinPath, root, type StoragePath } from '../path.ts'
import { around, type Layer } from './around.ts'

/** A path with each of its segments turned by `change`; the one that stands for no name at all has no other form. */
function mapNames(path: StoragePath, change: (name: string) => string): StoragePath {
  if (path === root) return root
  return path
    .split('/')
    .reduce<StoragePath>((parent, name) => joinPath(parent, name === emptySegment ? name : change(name)), root)
}

/** A method whose result is turned by `show`, and its options by `adapt` before. */
function via<Subject, Options, Result>(
  method: (subject: Subject, options: Options) => Promise<Result>,
  show: (result: Result) => Result,
  adapt = (options: Options): Options => options,
): typeof method {
  return async (subject, options) => show(await method(subject, adapt(options)))
}

/** An error of the driver about a stored path, as one about the path that the user gave. */
function inUsersTerms(error: unknown, stored: StoragePath, path: StoragePath): unknown {
  if (!StorageError.is(error) || error.path !== stored) return error
  const { code, message, fate, retryAfter, provider, operation, cause } = error
  const told = message.replaceAll(stored, () => path)
  return new StorageError(code, told, { fate, retryAfter, provider, operation, path, cause })
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

  const shownChanges = (found: ChangesSince): ChangesSince =>
    found.paths === 'all' ? found : { ...found, paths: found.paths.map(userPath) }

  return (inner) => {
    const wire = around(inner, async ({ path }, proceed) => {
      const stored = wirePath(path)
      try {
        return await proceed({ path: stored })
      } catch (error) {
        throw stored === path ? error : inUsersTerms(error, stored, path)
      }
    })
    return {
      ...wire,
      stat: via(wire.stat.bind(wire), shown),
      list: via(wire.list.bind(wire), shownPage),
      read: via(wire.read.bind(wire), (result) => ({ ...result, entry: shown(result.entry) })),
      ...(wire.walk && { walk: via(wire.walk.bind(wire), shownPage) }),
      ...(wire.revisions && { revisions: via(wire.revisions.bind(wire), shownPage) }),
      ...(wire.changes && { changes: via(wire.changes.bind(wire), shownChanges) }),
      ...(wire.write && { write: via(wire.write.bind(wire), shown) }),
      ...(wire.makeDirectory && { makeDirectory: via(wire.makeDirectory.bind(wire), shown) }),
      ...(wire.copy && { copy: via(wire.copy.bind(wire), shown, wireDestination) }),
      ...(wire.move && { move: via(wire.move.bind(wire), shown, wireDestination) }),
      ...(wire.copyFrom && { copyFrom: via(wire.copyFrom.bind(wire), shown) }),
      ...(wire.setModified && { setModified: via(wire.setModified.bind(wire), shown) }),
    } satisfies StorageDriver
  }

  function wireDestination<Options extends { readonly destination: StoragePath }>(options: Options): Options {
    return { ...options, destination: wirePath(options.destination) }
  }
}
