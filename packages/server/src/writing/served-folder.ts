import { type LocalAccess, type LocalChanges, root, type StorageDriver, type StoragePath } from '@filegate/core'
import { createPlaceRights, createRealPlaces, type PlaceRights } from '../access/place-rights.ts'
import { createReach } from '../access/reach.ts'
import type { Scope } from '../access/scope.ts'
import type { Grant, Settings } from '../settings.ts'
import type { PathLocks } from './path-locks.ts'

/** The changes of the served folder, for somebody who may change these places only, or everything. */
export type ChangesWithin = (within: readonly StoragePath[] | undefined) => LocalChanges

/** What one caller may read and change of the served folder. */
export interface CallersFolder {
  readonly storage: StorageDriver
  readonly changes: LocalChanges
}

/** The served folder for those who change it. */
export interface ServedFolder {
  readonly local: LocalAccess
  readonly locks: PathLocks
  readonly rightsOf: PlaceRights
  /** Where a path really leads; `follows`: the last name may be a link, too. */
  realPlaceOf(path: StoragePath, follows: boolean): StoragePath
  forCaller(scope: Scope): CallersFolder
}

export interface ServedFolderParts {
  readonly storage: StorageDriver
  readonly local: LocalAccess
  readonly changes: ChangesWithin
  readonly locks: PathLocks
  readonly settings: Pick<Settings, 'accounts'>
}

/** Links on the way to a path of a rule are looked at this often. Milliseconds. */
const lookEvery = 1000

export function createServedFolder(parts: ServedFolderParts): ServedFolder {
  const { storage, local, changes, locks, settings } = parts
  const reachOf = createReach(storage, local, settings)
  const known = new WeakMap<Scope, { readonly folder: CallersFolder; readonly at: number }>()
  const whole = settings.accounts.length === 0 ? changes(undefined) : undefined

  /** The paths that rules let the caller write, or read as well, and the places that they lead to. */
  function changesOf({ user }: Scope, levels: readonly Grant['level'][]): LocalChanges {
    const own = settings.accounts.filter((account) => account.user === undefined || account.user === user)
    const all = own.flatMap(({ paths }) => paths)
    const grants = all.filter(({ backend, level }) => backend === undefined && levels.includes(level))
    if (grants.some(({ path }) => path === root)) return changes(undefined)
    return changes(grants.flatMap(({ path }) => [path, local.placeOf(path) ?? path]))
  }
  function folderFor(scope: Scope): CallersFolder {
    const own = whole ?? changesOf(scope, ['write'])
    // A copy reads what the caller may only read; where it goes to was looked at.
    const { copy } = whole ?? changesOf(scope, ['read', 'write'])
    const { write, remove, makeDirectory, move, setModified } = own
    const reading = reachOf(scope).storage
    return { changes: own, storage: { ...reading, write, remove, makeDirectory, copy, move, setModified } }
  }
  return {
    local,
    locks,
    rightsOf: createPlaceRights(local, settings),
    realPlaceOf: createRealPlaces(local),
    forCaller(scope) {
      const before = known.get(scope)
      const now = performance.now()
      if (before && now - before.at < lookEvery) return before.folder
      const folder = folderFor(scope)
      known.set(scope, { folder, at: now })
      return folder
    },
  }
}
