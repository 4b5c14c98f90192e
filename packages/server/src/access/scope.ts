import type { Entry, StoragePath } from '@filegate/core'
import type { AccessLevel } from '../settings.ts'

/** What one caller may see and do. Every view goes by it, so that no view shows what a direct read would refuse. */
export interface Scope {
  /** `null` for a caller who did not log in. */
  readonly user: string | null
  /** True when nothing below the root is withheld or hidden: a search of the whole tree then needs no filter. */
  readonly unrestricted: boolean
  /** Whether the same holds of everything below `path`, as far as paths tell. What stands elsewhere has other paths. */
  unrestrictedBelow(path: StoragePath): boolean
  /** `index` means: only on the way to something that may be read, so a listing shows just that. */
  level(path: StoragePath): AccessLevel
  /** The lowest level of anything at the path or below it, whether it is there or not: for what happens to a whole folder. */
  lowest(path: StoragePath): AccessLevel
  /** Whether listings, searches and archives show the entry: the caller may reach it and no `--hidden` glob matches. */
  shows(path: StoragePath, kind: Entry['kind']): boolean
  /** What the same caller may do on a connected backend. */
  onBackend(id: string): Scope
}

/** Without accounts and hidden names everything is visible. */
export const everything: Scope = {
  user: null,
  unrestricted: true,
  unrestrictedBelow: () => true,
  level: () => 'write',
  lowest: () => 'write',
  shows: () => true,
  onBackend: () => everything,
}

/** For whoever has no rights at all. */
export function nothing(user: string | null): Scope {
  const none: Scope = {
    user,
    unrestricted: false,
    unrestrictedBelow: () => false,
    level: () => 'none',
    lowest: () => 'none',
    shows: () => false,
    onBackend: () => none,
  }
  return none
}
