import { throwIfAborted } from '../abort.ts'
import { collectBytes, streamBytes } from '../byte-stream.ts'
import { evaluateConditions } from '../conditions.ts'
import type { Operation } from '../contract.ts'
import { newDigest } from '../digest.ts'
import { notFound, StorageError } from '../error.ts'
import { resolveRange } from '../range.ts'
import type { BucketObject, BucketPage, BucketQuery, BucketSource } from '../shapes/bucket-source.ts'

interface Stored {
  readonly bytes: Uint8Array
  readonly modified: number
  readonly version: number
  readonly contentType?: string | undefined
}

export interface FlatStore {
  readonly source: BucketSource
  /** Every call of the service so far, such as `head a/b`. */
  readonly calls: string[]
  readonly keys: () => readonly string[]
  put(key: string, bytes?: Uint8Array): void
}

export interface FlatStoreOptions {
  readonly markers?: boolean
  /** Objects and prefixes in one page, as vendors count. */
  readonly pageSize?: number
  readonly now?: () => number
}

/** A store of flat keys in miniature, which lists as S3 does. */
export function flatStore({ markers, pageSize = 1000, now = Date.now }: FlatStoreOptions = {}): FlatStore {
  const objects = new Map<string, Stored>()
  const calls: string[] = []
  let sorted: string[] | undefined
  let lastVersion = 0

  function set(key: string, stored: Omit<Stored, 'version'>): BucketObject {
    sorted = objects.has(key) ? sorted : undefined
    objects.set(key, { ...stored, version: ++lastVersion })
    return shown(key)
  }
  function take(key: string): Stored {
    const stored = objects.get(key)
    if (!stored) throw notFound(key)
    return stored
  }
  function shown(key: string): BucketObject {
    const { bytes, modified, version, contentType } = take(key)
    return { key, facts: { size: bytes.length, modified, contentType, etag: `"v${version}"` } }
  }
  function begin(call: string, { signal }: Operation): void {
    throwIfAborted(signal)
    calls.push(call)
  }
  function keys(): readonly string[] {
    sorted ??= [...objects.keys()].sort()
    return sorted
  }

  const source: BucketSource = {
    provider: 'flat-store',
    traits: {
      ranges: 'native',
      caseSensitive: true,
      hashes: ['sha256'],
      modifiedPrecision: 1,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
    },
    markers,
    async pages(query) {
      begin(`pages ${query.prefix}${query.delimited ? '' : '*'}`, query)
      const { found, cursor } = pageOf(keys(), query, Math.min(pageSize, query.limit ?? pageSize))
      const prefixes = found.filter((place) => place.summedUp).map(({ key }) => key)
      const items = found.filter((place) => !place.summedUp).map(({ key }) => shown(key))
      return { objects: items, prefixes, cursor } satisfies BucketPage
    },
    async head(key, operation) {
      begin(`head ${key}`, operation)
      return objects.has(key) ? shown(key) : undefined
    },
    async open(key, reading) {
      begin(`open ${key}`, reading)
      const { bytes } = take(key)
      const object = shown(key)
      const outcome = evaluateConditions(reading.conditions ?? {}, object.facts)
      if (outcome === 'failed') throw new StorageError('PreconditionFailed', 'The condition does not hold.')
      if (outcome === 'not-modified') throw new StorageError('NotModified', 'Not modified.')
      const range = reading.range && resolveRange(reading.range, bytes.length)
      return { object, range, body: streamBytes(bytes.subarray(range?.start, range?.end), reading.signal) }
    },
    async put(key, { body, size, modified = now(), contentType, conditions, signal }) {
      begin(`put ${key}`, { signal })
      const bytes = await collectBytes(body, signal)
      if (size !== undefined && size !== bytes.length) throw new StorageError('InvalidArgument', 'The size is wrong.')
      const old = objects.has(key) ? shown(key).facts : undefined
      if (conditions && evaluateConditions(conditions, old) !== 'proceed') {
        throw new StorageError('PreconditionFailed', 'The condition does not hold.')
      }
      return set(key, { bytes, modified, contentType })
    },
    async delete(gone, operation) {
      begin(`delete ${gone.join(' ')}`, operation)
      for (const key of gone) if (objects.delete(key)) sorted = undefined
    },
    async copy(key, destination, operation) {
      begin(`copy ${key} ${destination}`, operation)
      return set(destination, take(key))
    },
    async setModified(key, { modified, ...operation }) {
      begin(`setModified ${key}`, operation)
      return set(key, { ...take(key), modified })
    },
    async hash(key, { algorithm, ...operation }) {
      begin(`hash ${key}`, operation)
      const { bytes } = take(key)
      if (algorithm !== 'sha256') throw new StorageError('Unsupported', `No ${algorithm} here.`)
      const digest = newDigest(algorithm)
      digest.update(bytes)
      return digest.finish()
    },
  }
  return { source, calls, keys, put: (key, bytes = new Uint8Array()) => void set(key, { bytes, modified: now() }) }
}

interface Found {
  readonly key: string
  readonly summedUp: boolean
}

/** The cursor is the last thing that was found: what it names, and with a prefix all below it, is passed over. */
function pageOf(keys: readonly string[], { prefix, delimited, cursor }: BucketQuery, limit: number) {
  const found: Found[] = []
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue
    const slash = delimited ? key.indexOf('/', prefix.length) : -1
    const next: Found = slash === -1 ? { key, summedUp: false } : { key: key.slice(0, slash + 1), summedUp: true }
    if (cursor !== undefined && next.key <= cursor) continue
    if (next.summedUp && found.at(-1)?.key === next.key) continue
    if (found.length === limit) return { found, cursor: found.at(-1)?.key }
    found.push(next)
  }
  return { found, cursor: undefined }
}
