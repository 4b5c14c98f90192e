import { type LocalAccess, localAccessOf, type StorageDriver, type StoragePath } from '@filegate/core'
import type { Settings } from '../settings.ts'
import { restricted } from './restricted.ts'
import type { Scope } from './scope.ts'

/** What a caller reads through. It holds nothing that the caller may not reach, whatever link leads there. */
export interface Reach {
  readonly storage: StorageDriver
  readonly local: LocalAccess | undefined
}

interface Known extends Reach {
  /** The places it was made for, and when they were looked at last. */
  readonly within: readonly StoragePath[]
  at: number
}

/** Links on the way to a path of a rule are looked at this often. Milliseconds. */
const lookEvery = 1000

/**
 * The served folder, as far as each caller may reach it. Rules name paths, and links give one place several: a caller
 * reaches what may be reached by its path and by the place where it really stands. A path that a rule names may be a link
 * itself; what is behind it is then meant by the rule.
 */
export function createReach(
  storage: StorageDriver,
  local: LocalAccess | undefined,
  { accounts }: Pick<Settings, 'accounts'>,
): (scope: Scope) => Reach {
  const whole = { storage, local }
  const known = new WeakMap<Scope, Known>()

  function placesOf({ user }: Scope, folder: LocalAccess): StoragePath[] {
    const own = accounts.filter((account) => account.user === undefined || account.user === user)
    const paths = own.flatMap((account) => account.paths).filter(({ backend }) => backend === undefined)
    return paths.flatMap(({ path }) => [path, folder.placeOf(path) ?? path])
  }

  return (scope) => {
    if (scope.unrestricted) return whole
    if (!local || accounts.length === 0) return { storage: restricted(storage, scope), local }
    const before = known.get(scope)
    const now = performance.now()
    if (before && now - before.at < lookEvery) return before
    const within = placesOf(scope, local)
    if (before && isSame(before.within, within)) {
      before.at = now
      return before
    }
    const driver = local.narrowed(within)
    const reach = { storage: restricted(driver, scope), local: localAccessOf(driver), within, at: now }
    known.set(scope, reach)
    return reach
  }
}

const isSame = (one: readonly StoragePath[], other: readonly StoragePath[]): boolean =>
  one.length === other.length && one.every((path, position) => path === other[position])
