import type { Operation, StorageDriver } from '../contract.ts'
import type { StoragePath } from '../path.ts'

export type OperationName = Exclude<keyof StorageDriver, 'provider' | 'traits' | 'close'>

/** One call of a driver's method, as a layer sees it. */
export interface Call {
  readonly operation: OperationName
  readonly path: StoragePath
  readonly options: Operation
}

/** What a layer passes on otherwise than it came. */
export interface Changes {
  readonly path?: StoragePath | undefined
  readonly signal?: AbortSignal | undefined
}

/** Runs around every call. It calls `proceed` as often as it likes and returns, or rejects with, what the caller gets. */
export type Hook = <Result>(call: Call, proceed: (changes?: Changes) => Promise<Result>) => Promise<Result>

/** Wraps one driver; what comes out is a driver again. */
export type Layer = (inner: StorageDriver) => StorageDriver

/** The driver with `hook` around every method it has. What it lacks stays absent, since presence is the capability. */
export function around(inner: StorageDriver, hook: Hook): StorageDriver {
  function wrap<Options extends Operation | undefined, Result>(
    operation: OperationName,
    method: (path: StoragePath, options: Options) => Promise<Result>,
  ): (path: StoragePath, options: Options) => Promise<Result> {
    // A vendor library may throw before it returns a promise; callers are promised a rejection.
    return async (path, options) =>
      hook({ operation, path, options: options ?? {} }, (changes = {}) => {
        const passed = changes.signal ? { ...options, signal: changes.signal } : options
        return method.call(inner, changes.path ?? path, passed)
      })
  }
  const { walk, hash, revisions, write, remove, makeDirectory, copy, move, setModified, about, publicLink } = inner
  const members = {
    provider: inner.provider,
    traits: inner.traits,
    stat: wrap('stat', inner.stat),
    list: wrap('list', inner.list),
    read: wrap('read', inner.read),
    ...(walk && { walk: wrap('walk', walk) }),
    ...(hash && { hash: wrap('hash', hash) }),
    ...(revisions && { revisions: wrap('revisions', revisions) }),
    ...(write && { write: wrap('write', write) }),
    ...(remove && { remove: wrap('remove', remove) }),
    ...(makeDirectory && { makeDirectory: wrap('makeDirectory', makeDirectory) }),
    ...(copy && { copy: wrap('copy', copy) }),
    ...(move && { move: wrap('move', move) }),
    ...(setModified && { setModified: wrap('setModified', setModified) }),
    ...(about && { about: wrap('about', about) }),
    ...(publicLink && { publicLink: wrap('publicLink', publicLink) }),
    ...(inner.close && { close: () => inner.close?.() ?? Promise.resolve() }),
  }
  type Forgotten = Exclude<keyof StorageDriver, keyof typeof members>
  // Fails to compile when the contract has a method that this helper does not pass on.
  return members satisfies Record<Forgotten, never>
}
