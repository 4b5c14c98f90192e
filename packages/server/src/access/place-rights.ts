import { type LocalAccess, parentPath, joinPath, baseName, root, type StoragePath } from '@filegate/core'
import type { Grant, Settings } from '../settings.ts'
import { createRights, type Rights } from './rights.ts'
import type { Scope } from './scope.ts'

/** What a caller may do where something really stands, as against the path by which it was asked for. */
export type PlaceRights = (scope: Scope) => Pick<Rights, 'level' | 'lowest'>

/** Links on the way to a path of a rule are looked at this often. Milliseconds. */
const lookEvery = 1000

interface Known {
  readonly rights: Rights
  readonly at: number
}

/**
 * Rules name paths. Where a rule names a link, what is behind it is meant, so there the rule holds under its real path too; everything else
 * that a link leads to is under the rules of where it stands.
 */
export function createPlaceRights(
  local: LocalAccess | undefined,
  { accounts }: Pick<Settings, 'accounts'>,
): PlaceRights {
  const known = new WeakMap<Scope, Known>()

  const placed = (grants: readonly Grant[]): Grant[] => {
    const here = grants.filter(({ backend }) => backend === undefined)
    const behind = here.map((grant) => ({ ...grant, path: local?.placeOf(grant.path) ?? grant.path }))
    return [...behind, ...here]
  }
  function rightsOf({ user }: Scope): Rights {
    const grantsOf = (name: string | undefined): Grant[] =>
      accounts.filter((account) => account.user === name).flatMap(({ paths }) => placed(paths))
    return user === null ? createRights(grantsOf(undefined)) : createRights(grantsOf(undefined), grantsOf(user))
  }
  return (scope) => {
    if (accounts.length === 0) return scope
    const before = known.get(scope)
    const now = performance.now()
    if (before && now - before.at < lookEvery) return before.rights
    const rights = rightsOf(scope)
    known.set(scope, { rights, at: now })
    return rights
  }
}

/**
 * Where a path really leads, without links on the way: for something that is not there yet, where it would be. `follows`: the last name
 * may be a link, too.
 */
export function realPlaceOf(local: LocalAccess, path: StoragePath, follows: boolean): StoragePath {
  if (path === root) return root
  const place = follows ? local.placeOf(path) : undefined
  return place ?? joinPath(realPlaceOf(local, parentPath(path), true), baseName(path))
}

/** Milliseconds. What is open to a caller is proved once more on the folder that is written. */
const placeKept = 200
const mostPlaces = 1000

/** `realPlaceOf`, which does not look at the folders on the way each time. */
export function createRealPlaces(local: LocalAccess): (path: StoragePath, follows: boolean) => StoragePath {
  let folders = new Map<StoragePath, { readonly place: StoragePath; readonly at: number }>()

  function folderPlace(path: StoragePath): StoragePath {
    const known = folders.get(path)
    const now = performance.now()
    if (known && now - known.at < placeKept) return known.place
    const place = realPlaceOf(local, path, true)
    if (folders.size >= mostPlaces) folders = new Map()
    folders.set(path, { place, at: now })
    return place
  }
  return (path, follows) => {
    if (path === root) return root
    const place = follows ? local.placeOf(path) : undefined
    return place ?? joinPath(folderPlace(parentPath(path)), baseName(path))
  }
}
