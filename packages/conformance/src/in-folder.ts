import {
  around,
  baseName,
  type ChangesSince,
  type Entry,
  isWithin,
  joinPath,
  type Page,
  parsePath,
  root,
  type StorageDriver,
  StorageError,
  type StoragePath,
} from '@filegate/core'

/** A folder of a storage as a storage of its own, so that the suite can run on an account in use. Closing it closes nothing. */
export function inFolder(driver: StorageDriver, folder: StoragePath): StorageDriver {
  const below = (path: StoragePath): StoragePath => path.split('/').reduce<StoragePath>(joined, folder)
  const own = (path: StoragePath): StoragePath => parsePath(path.slice(folder.length + 1))
  const shown = <Item extends Entry>(entry: Item): Item => {
    const path = own(entry.path)
    return { ...entry, path, name: baseName(path) }
  }
  const shownPage = <Item extends Entry>(page: Page<Item>): Page<Item> => ({ ...page, items: page.items.map(shown) })
  const shownChanges = (found: ChangesSince): ChangesSince => {
    if (found.paths === 'all' || found.paths.some((path) => isWithin(folder, path))) return { ...found, paths: 'all' }
    return { ...found, paths: found.paths.filter((path) => isWithin(path, folder)).map(own) }
  }
  const outer = around(driver, async ({ operation, path }, proceed) => {
    try {
      return await proceed(operation === 'changes' ? {} : { path: below(path) })
    } catch (error) {
      throw StorageError.is(error) ? inOwnTerms(error, own, folder) : error
    }
  })
  const placed = <Options extends { readonly destination: StoragePath }>(options: Options): Options => ({
    ...options,
    destination: below(options.destination),
  })
  return {
    ...outer,
    stat: via(outer.stat.bind(outer), shown),
    list: via(outer.list.bind(outer), shownPage),
    read: via(outer.read.bind(outer), (result) => ({ ...result, entry: shown(result.entry) })),
    ...(outer.walk && { walk: via(outer.walk.bind(outer), shownPage) }),
    ...(outer.revisions && { revisions: via(outer.revisions.bind(outer), shownPage) }),
    ...(outer.write && { write: via(outer.write.bind(outer), shown) }),
    ...(outer.makeDirectory && { makeDirectory: via(outer.makeDirectory.bind(outer), shown) }),
    ...(outer.copy && { copy: via(outer.copy.bind(outer), shown, placed) }),
    ...(outer.move && { move: via(outer.move.bind(outer), shown, placed) }),
    ...(outer.setModified && { setModified: via(outer.setModified.bind(outer), shown) }),
    ...(outer.changes && { changes: via(outer.changes.bind(outer), shownChanges) }),
    close: async () => {},
  }
}

/** A method whose result is turned by `show`, and its options by `adapt` before. */
function via<Subject, Options, Result>(
  method: (subject: Subject, options: Options) => Promise<Result>,
  show: (result: Result) => Result,
  adapt = (options: Options): Options => options,
): typeof method {
  return async (subject, options) => show(await method(subject, adapt(options)))
}

const joined = (parent: StoragePath, name: string): StoragePath => (name === '' ? parent : joinPath(parent, name))

function inOwnTerms(error: StorageError, own: (path: StoragePath) => StoragePath, folder: StoragePath): StorageError {
  const { code, fate, retryAfter, provider, operation, path, cause } = error
  const message = error.message.replaceAll(`${folder}/`, () => '')
  const told = path === folder || path?.startsWith(`${folder}/`) ? own(parsePath(path)) : path
  return new StorageError(code, message, { fate, retryAfter, provider, operation, path: told ?? root, cause })
}
