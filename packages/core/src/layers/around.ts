import type { Operation, StorageDriver } from '../contract.ts'
import { root, type StoragePath } from '../path.ts'

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
        return method(changes.path ?? path, passed)
      })
  }
  const changes = inner.changes?.bind(inner)
  const members = {
    provider: inner.provider,
    traits: inner.traits,
    stat: wrap('stat', inner.stat.bind(inner)),
    list: wrap('list', inner.list.bind(inner)),
    read: wrap('read', inner.read.bind(inner)),
    ...(inner.walk && { walk: wrap('walk', inner.walk.bind(inner)) }),
    ...(inner.hash && { hash: wrap('hash', inner.hash.bind(inner)) }),
    ...(inner.revisions && { revisions: wrap('revisions', inner.revisions.bind(inner)) }),
    ...(inner.write && { write: wrap('write', inner.write.bind(inner)) }),
    ...(inner.remove && { remove: wrap('remove', inner.remove.bind(inner)) }),
    ...(inner.makeDirectory && { makeDirectory: wrap('makeDirectory', inner.makeDirectory.bind(inner)) }),
    ...(inner.copy && { copy: wrap('copy', inner.copy.bind(inner)) }),
    ...(inner.move && { move: wrap('move', inner.move.bind(inner)) }),
    ...(inner.handle && { handle: wrap('handle', inner.handle.bind(inner)) }),
    ...(inner.copyFrom && { copyFrom: wrap('copyFrom', inner.copyFrom.bind(inner)) }),
    ...(inner.setModified && { setModified: wrap('setModified', inner.setModified.bind(inner)) }),
    ...(inner.about && { about: wrap('about', inner.about.bind(inner)) }),
    ...(inner.publicLink && { publicLink: wrap('publicLink', inner.publicLink.bind(inner)) }),
    // About the storage as a whole.
    ...(changes && {
      changes: async (cursor: string | undefined, options: Operation = {}) =>
        hook({ operation: 'changes', path: root, options }, ({ signal } = {}) =>
          changes(cursor, signal ? { ...options, signal } : options),
        ),
    }),
    ...(inner.close && { close: () => inner.close?.() ?? Promise.resolve() }),
  }
  type Forgotten = Exclude<keyof StorageDriver, keyof typeof members>
  // Fails to compile when the contract has a method that this helper does not pass on.
  return members satisfies [Forgotten] extends [never] ? StorageDriver : never
}
