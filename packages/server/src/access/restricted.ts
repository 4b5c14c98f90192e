import {
  type Entry,
  isWithin,
  type ListOptions,
  type Page,
  parentPath,
  type StorageDriver,
  StorageError,
  type StoragePath,
} from '@filegate/core'
import type { Scope } from './scope.ts'

/** Why the caller may not reach `path`: who did not log in is asked to, who did is told that it does not help. */
export function refusal(scope: Scope, path: StoragePath): StorageError {
  return scope.user === null
    ? new StorageError('Unauthenticated', `Log in to reach /${path}.`, { path })
    : new StorageError('AccessDenied', `Access to /${path} is forbidden.`, { path })
}

/**
 * The part of a storage that a caller may read. It refuses before it asks the storage, so that a refusal never tells
 * whether there is something. Pages of listings may come out shorter than asked for, even empty, while there is more.
 */
export function restricted(driver: StorageDriver, scope: Scope): StorageDriver {
  if (scope.unrestricted) return driver
  const walk = driver.walk?.bind(driver)
  const hash = driver.hash?.bind(driver)
  const revisions = driver.revisions?.bind(driver)
  const reachable = (path: StoragePath): void => {
    if (scope.level(path) === 'none') throw refusal(scope, path)
  }
  const readable = (path: StoragePath): void => {
    const level = scope.level(path)
    if (level === 'none' || level === 'index') throw refusal(scope, path)
  }
  return {
    provider: driver.provider,
    traits: driver.traits,
    async stat(path, options) {
      reachable(path)
      const entry = await driver.stat(path, options)
      if (entry.kind === 'file') readable(path)
      return discreet(scope, entry)
    },
    async list(path, options) {
      reachable(path)
      const page = await driver.list(path, options)
      return { ...page, items: page.items.filter(shownBy(scope)).map((entry) => discreet(scope, entry)) }
    },
    async read(path, options) {
      readable(path)
      return driver.read(path, options)
    },
    ...(walk && { walk: (path, options) => walkShown(scope, walk, path, options) }),
    ...(hash && {
      async hash(path, options) {
        readable(path)
        return hash(path, options)
      },
    }),
    ...(revisions && {
      async revisions(path, options) {
        readable(path)
        return revisions(path, options)
      },
    }),
  }
}

const shownBy =
  (scope: Scope) =>
  (entry: Entry): boolean =>
    scope.shows(entry.path, entry.kind)

/** How many entries a directory holds is nothing for a caller who may only pass through it. */
function discreet(scope: Scope, entry: Entry): Entry {
  if (entry.kind === 'file' || entry.children === undefined || scope.level(entry.path) !== 'index') return entry
  const { children: _children, ...rest } = entry
  return rest
}

async function walkShown(
  scope: Scope,
  walk: NonNullable<StorageDriver['walk']>,
  path: StoragePath,
  options: ListOptions | undefined,
): Promise<Page<Entry>> {
  if (scope.level(path) === 'none') throw refusal(scope, path)
  const page = await walk(path, options)
  // An entry is shown when every directory on the way to it is.
  const open = new Map<StoragePath, boolean>([[path, true]])
  const isOpen = (directory: StoragePath): boolean => {
    const known = open.get(directory)
    if (known !== undefined) return known
    const shown = isWithin(directory, path) && scope.shows(directory, 'directory') && isOpen(parentPath(directory))
    open.set(directory, shown)
    return shown
  }
  const items = page.items.filter((entry) => scope.shows(entry.path, entry.kind) && isOpen(parentPath(entry.path)))
  return { ...page, items: items.map((entry) => discreet(scope, entry)) }
}
