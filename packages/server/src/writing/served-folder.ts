import { type LocalAccess, type LocalChanges, root, type StorageDriver, type StoragePath } from '@filegate/core'
import { createPlaceRights, createRealPlaces, type PlaceRights } from '../access/place-rights.ts'
import { createReach } from '../access/reach.ts'
import type { Scope } from '../access/scope.ts'
import { callersTrash, type CallersTrash, type CallersTrashParts } from '../trash/callers-trash.ts'
import type { Grant, Settings } from '../settings.ts'
import type { PathLocks } from './path-locks.ts'

/** The changes of the served folder, for somebody who may change these places only, or everything. */
export type ChangesWithin = (within: readonly StoragePath[] | undefined) => LocalChanges

/** What one caller may read and change of the served folder. */
export interface CallersFolder {
  readonly storage: StorageDriver
  readonly changes: LocalChanges
  readonly trash: CallersTrash
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

export interface ServedFolderParts extends Pick<CallersTrashParts, 'trash' | 'journal'> {
  readonly storage: StorageDriver
  readonly local: LocalAccess
  readonly changes: ChangesWithin
  readonly locks: PathLocks
  readonly settings: Pick<Settings, 'accounts'>
}

/** Links on the way to a path of a rule are looked at this often. Milliseconds. */
const lookEvery = 1000

export function createServedFolder(parts: ServedFolderParts): ServedFolder {
  const { storage, local, changes, locks, settings, trash, journal } = parts
  const reachOf = createReach(storage, local, settings)
  const known = new WeakMap<Scope, { readonly folder: CallersFolder; readonly at: number }>()
  const anywhere = settings.accounts.length === 0 ? changes(undefined) : undefined

  /** The paths that rules let the caller write, or read as well, and the places that they lead to. */
  function placesOf({ user }: Scope, levels: readonly Grant['level'][]): readonly StoragePath[] | undefined {
    const own = settings.accounts.filter((account) => account.user === undefined || account.user === user)
    const all = own.flatMap(({ paths }) => paths)
    const grants = all.filter(({ backend, level }) => backend === undefined && levels.includes(level))
    if (grants.some(({ path }) => path === root)) return undefined
    return grants.flatMap(({ path }) => [path, local.placeOf(path) ?? path])
  }
  function folderFor(scope: Scope): CallersFolder {
    const within = anywhere ? undefined : placesOf(scope, ['write'])
    const own = anywhere ?? changes(within)
    // A copy reads what the caller may only read; where it goes to was looked at.
    const { copy } = anywhere ?? changes(placesOf(scope, ['read', 'write']))
    const { write, remove, makeDirectory, move, setModified } = own
    const reading = reachOf(scope).storage
    const its = callersTrash({ trash, journal, changes: own, within })
    return { changes: own, trash: its, storage: { ...reading, write, remove, makeDirectory, copy, move, setModified } }
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
