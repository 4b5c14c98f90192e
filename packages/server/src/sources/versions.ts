import { createHash } from 'node:crypto'
import { type FileEntry, pages, type StorageDriver, type StoragePath } from '@filegate/core'

/** A version of a file that a storage elsewhere keeps. */
export interface NumberedVersion {
  /** What `revision` takes. It stays the same whatever versions come and go. */
  readonly number: number
  readonly version: string
  readonly entry: FileEntry
}

/** As many versions of one file are known, the newest ones. */
export const mostVersions = 10_000

type Revisions = NonNullable<StorageDriver['revisions']>

/** The newest first, as the storage has them, without those that it gives no identifier for. */
export async function* versionsOf(
  revisions: Revisions,
  path: StoragePath,
  signal: AbortSignal,
): AsyncGenerator<Omit<NumberedVersion, 'number'>, void, undefined> {
  let count = 0
  for await (const entry of pages((page) => revisions(path, page), { signal })) {
    if (entry.version !== undefined) yield { version: entry.version, entry }
    count += 1
    if (count === mostVersions) return
  }
}

/** All of them with their numbers, the oldest first. */
export async function numberedVersions(
  revisions: Revisions,
  path: StoragePath,
  signal: AbortSignal,
): Promise<readonly NumberedVersion[]> {
  const versions: Omit<NumberedVersion, 'number'>[] = []
  for await (const found of versionsOf(revisions, path, signal)) versions.push(found)
  const taken = new Set<number>()
  return versions.toReversed().map(({ version, entry }) => {
    let number = numberOf(version, entry.modified)
    while (taken.has(number)) number += 1
    taken.add(number)
    return { number, version, entry }
  })
}

/**
 * The time of a version in microseconds, of which the storage knows the whole milliseconds, or seconds; the rest comes from its
 * identifier, so that versions of one moment differ, and none depends on which others are kept.
 */
export function numberOf(version: string, modified = 0): number {
  const time = Math.max(1, Math.floor(modified))
  const free = time % 1000 === 0 ? 1_000_000 : 1000
  const mark = createHash('sha256').update(version).digest().readUIntBE(0, 6) % free
  return time * 1000 + mark
}
