import { notFound } from '@filegate/core'
import type { Connection } from './connection.ts'
import { type Version, versionsOfKey } from './list-versions.ts'
import type { Place } from './place.ts'
import { parseVersionName } from './version-name.ts'

/** An object, or one of its versions. */
export interface Target extends Place {
  readonly version?: string | undefined
}

interface Asking {
  readonly version?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * What a key stands for: in the plain view the object, in one of versions what its name or the moment of the view says.
 * @throws StorageError `NotFound` when there was no such object at that moment
 */
export async function locate(connection: Connection, key: string, { version, signal }: Asking = {}): Promise<Target> {
  const { places, settings } = connection
  const place = places.of(key)
  if (version !== undefined) return { ...place, version }
  const { versionAt } = settings
  if (versionAt !== undefined) {
    const found = await firstVersion(connection, place, ({ modified }) => modified <= versionAt, signal)
    if (!found || found.isDeletion) throw notFound(key)
    return { ...place, version: found.version }
  }
  const named = settings.versions ? parseVersionName(place.key) : undefined
  if (!named) return place
  const older = { bucket: place.bucket, key: named.key }
  const found = await firstVersion(connection, older, ({ modified }) => modified === named.modified, signal)
  return found ? { ...older, version: found.version } : place
}

/** The deletion that stands in the place of an object, where the view shows deletions. */
export async function shownDeletion(
  connection: Connection,
  { bucket, key, version }: Target,
  signal?: AbortSignal,
): Promise<Version | undefined> {
  const { versions, version_deleted: shows } = connection.settings
  if (!versions || !shows) return undefined
  const wanted = (candidate: Version): boolean =>
    version === undefined ? candidate.isLatest : candidate.version === version
  const found = await firstVersion(connection, { bucket, key }, wanted, signal)
  return found?.isDeletion ? found : undefined
}

async function firstVersion(
  connection: Connection,
  place: Place,
  isWanted: (version: Version) => boolean,
  signal: AbortSignal | undefined,
): Promise<Version | undefined> {
  for await (const version of versionsOfKey(connection, place, signal)) if (isWanted(version)) return version
  return undefined
}
