import { type BucketObject, pages, StorageError } from '@filegate/core'
import { type ListedObject, listedOf } from './adapt.ts'
import { type Connection, until } from './connection.ts'
import { brokenPage, type KeyPage, type KeyQuery, listInput, textOf } from './list-keys.ts'
import { versionName } from './version-name.ts'

/** A version of an object, or that it was deleted. */
export interface Version {
  readonly key: string
  readonly version: string
  readonly isLatest: boolean
  readonly isDeletion: boolean
  /** Unix milliseconds. */
  readonly modified: number
  readonly object: BucketObject
}

export interface VersionPage {
  /** By key, and for one key the newest first. */
  readonly versions: readonly Version[]
  readonly prefixes: readonly string[]
  readonly cursor?: string | undefined
}

interface ListedVersion extends ListedObject {
  readonly IsLatest?: boolean | undefined
}

export async function listVersions({ vendor, settings }: Connection, query: KeyQuery): Promise<VersionPage> {
  const [keyMarker, versionMarker] = parseCursor(query.cursor)
  // Plain keys are the exception here: services that keep versions are new enough.
  const input = {
    ...listInput(settings, query, settings.encodedListing),
    ...(keyMarker !== undefined && { KeyMarker: keyMarker }),
    ...(versionMarker !== undefined && { VersionIdMarker: versionMarker }),
  }
  const answer = await vendor.s3.listObjectVersions(input, until(query.signal))
  const decode = textOf(answer)
  const versionOf =
    (isDeletion: boolean) =>
    (listed: ListedVersion): readonly Version[] => {
      const { Key, VersionId: version = 'null', IsLatest: isLatest = false, LastModified: time } = listed
      if (Key === undefined) return []
      const key = decode(Key)
      const object = listedOf(key, isDeletion ? { ...listed, Size: 0 } : listed, settings)
      return [{ key, version, isLatest, isDeletion, modified: time?.getTime() ?? 0, object }]
    }
  const { Versions = [], DeleteMarkers = [], CommonPrefixes = [] } = answer
  const page = {
    versions: [...Versions.flatMap(versionOf(false)), ...DeleteMarkers.flatMap(versionOf(true))].sort(inOrder),
    prefixes: CommonPrefixes.flatMap(({ Prefix }) => (Prefix === undefined ? [] : [decode(Prefix)])),
  }
  if (!answer.IsTruncated) return page
  if (answer.NextKeyMarker === undefined) throw brokenPage()
  return { ...page, cursor: JSON.stringify([decode(answer.NextKeyMarker), answer.NextVersionIdMarker]) }
}

function inOrder(one: Version, other: Version): number {
  if (one.key !== other.key) return Buffer.compare(Buffer.from(one.key), Buffer.from(other.key))
  if (one.isLatest !== other.isLatest) return one.isLatest ? -1 : 1
  return other.modified - one.modified
}

/** All versions of one key, the newest first. */
export async function* versionsOfKey(
  connection: Connection,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  signal?: AbortSignal,
): AsyncGenerator<Version, void, undefined> {
  const found = pages(
    async ({ cursor }) => {
      const page = await listVersions(connection, { bucket, prefix: key, delimited: false, cursor, signal })
      return { items: page.versions, cursor: page.cursor }
    },
    { signal },
  )
  for await (const version of found) {
    if (version.key === key) yield version
    // A key comes before all longer ones that begin with it.
    else return
  }
}

/** All versions as entries of their own, the older ones with their time in the name. */
export async function listAllVersions(connection: Connection, query: KeyQuery): Promise<KeyPage> {
  const { versions, prefixes, cursor } = await listVersions(connection, query)
  const shown = versions.filter(({ isDeletion }) => !isDeletion || connection.settings.version_deleted)
  const objects = new Map(
    shown.map(({ key, isLatest, modified, object }) => {
      const name = isLatest ? key : versionName(key, modified)
      return [name, { ...object, key: name }] as const
    }),
  )
  return { objects: [...objects.values()], prefixes, cursor }
}

/** Everything as it was at `moment`, Unix milliseconds. The versions of a key may go on over several pages. */
export async function listVersionsAt(connection: Connection, query: KeyQuery, moment: number): Promise<KeyPage> {
  const [keyMarker, versionMarker, before] = parseCursor(query.cursor)
  const inner = query.cursor === undefined ? undefined : JSON.stringify([keyMarker, versionMarker])
  const { versions, prefixes, cursor } = await listVersions(connection, { ...query, cursor: inner })
  let decided = before
  const objects: BucketObject[] = []
  for (const { key, modified, isDeletion, object } of versions) {
    if (key === decided || modified > moment) continue
    decided = key
    if (!isDeletion) objects.push(object)
  }
  const next = cursor === undefined ? undefined : parseCursor(cursor)
  return { objects, prefixes, cursor: next && JSON.stringify([next[0], next[1] ?? null, decided ?? null]) }
}

/** Key, version, and the key of which a version was shown last. */
function parseCursor(cursor: string | undefined): readonly (string | undefined)[] {
  if (cursor === undefined) return []
  const parsed = parsedJson(cursor)
  if (!Array.isArray(parsed))
    throw new StorageError('InvalidArgument', 'The cursor is none that this storage gave out.')
  return parsed.map((part: unknown) => (typeof part === 'string' ? part : undefined))
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
