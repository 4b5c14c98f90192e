import type { Checksums, Content } from './content.ts'
import type { JsonObject } from './json.ts'

export interface AclEntry {
  readonly entity: string
  readonly role: 'READER' | 'WRITER' | 'OWNER'
}

/** What a client can set of an object; everything else is the service's. */
export interface ObjectFields {
  readonly contentType?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly contentLanguage?: string | undefined
  readonly cacheControl?: string | undefined
  readonly customTime?: string | undefined
  readonly storageClass?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly temporaryHold?: boolean | undefined
  readonly eventBasedHold?: boolean | undefined
}

/** One version of an object. Times are milliseconds since 1970. */
export interface StoredObject {
  readonly name: string
  /** Microseconds since 1970, and never twice. */
  readonly generation: number
  metageneration: number
  readonly content: Content
  readonly checksums: Omit<Checksums, 'md5Hash'> & { readonly md5Hash?: string | undefined }
  fields: ObjectFields
  acl: readonly AclEntry[]
  readonly owner: string
  readonly created: number
  updated: number
  classUpdated: number
  /** Of an object that was composed. */
  readonly components?: number | undefined
  /** Of the key that the customer sent with the object. */
  readonly keySha256?: string | undefined
  /** Since when this version is not the live one any more. */
  deleted?: number
}

export interface IamBinding {
  readonly role: string
  readonly members: readonly string[]
}

export interface Bucket {
  readonly name: string
  /** The number of the project that owns it. */
  readonly project: string
  readonly created: number
  updated: number
  readonly generation: number
  metageneration: number
  /** Whatever the client set, by the API's names. */
  fields: JsonObject
  acl: readonly AclEntry[]
  defaultObjectAcl: readonly AclEntry[]
  iam: readonly IamBinding[]
  readonly live: Map<string, StoredObject>
  /** Versions that were replaced or deleted while versioning was on, the oldest first. */
  readonly archived: StoredObject[]
}

let last = 0

/** The time of a change: milliseconds, and a generation that is larger than every one before. */
export function nextMoment(): { readonly now: number; readonly generation: number } {
  const now = Date.now()
  last = Math.max(last + 1, now * 1000)
  return { now, generation: last }
}

export const isVersioned = (bucket: Bucket): boolean => {
  const versioning = bucket.fields['versioning']
  return typeof versioning === 'object' && versioning !== null && 'enabled' in versioning && versioning.enabled === true
}

/** Every version, each name's oldest first, in the order of listings: that of the names' UTF-8 bytes. */
export function allVersions(bucket: Bucket, withArchived: boolean): StoredObject[] {
  const objects = [...bucket.live.values(), ...(withArchived ? bucket.archived : [])]
  return objects.sort((one, two) => compareNames(one.name, two.name) || one.generation - two.generation)
}

/** By their UTF-8 bytes: as by their UTF-16 units, but for surrogates, which stand for what comes after all the rest. */
export function compareNames(one: string, two: string): number {
  const length = Math.min(one.length, two.length)
  for (let place = 0; place < length; place += 1) {
    const [unit, other] = [one.charCodeAt(place), two.charCodeAt(place)]
    if (unit === other) continue
    const [isHigh, isOtherHigh] = [(unit & 0xf800) === 0xd800, (other & 0xf800) === 0xd800]
    return isHigh === isOtherHigh ? unit - other : isHigh ? 1 : -1
  }
  return one.length - two.length
}

/** The live version, or the one of that generation. */
export function findVersion(bucket: Bucket, name: string, generation?: number): StoredObject | undefined {
  const live = bucket.live.get(name)
  if (generation === undefined || live?.generation === generation) return live
  return bucket.archived.find((one) => one.name === name && one.generation === generation)
}

/** Takes the live version away; it is kept as an archived one where the bucket keeps versions. */
export function retire(bucket: Bucket, name: string): void {
  const live = bucket.live.get(name)
  if (!live) return
  bucket.live.delete(name)
  if (!isVersioned(bucket)) return
  live.deleted = Date.now()
  bucket.archived.push(live)
}
