import { demand } from './access.ts'
import { type Answer, booleanParameter, type Exchange, json, oneOfParameter, place } from './exchange.ts'
import { notSimulated } from './api-error.ts'
import { findBucket } from './buckets.ts'
import { pageSize, readPageToken, writePageToken } from './paging.ts'
import { objectResource } from './resources.ts'
import { allVersions, compareNames, type StoredObject } from './state.ts'

/** What a page of a listing shows: a version of an object, or a name up to the delimiter in place of all below it. */
type Shown = { readonly key: string; readonly object: StoredObject } | { readonly key: string; readonly prefix: string }

/** Folders that are no prefixes of names only exist in buckets with a hierarchy, which there are none of here. */
const unknown = ['matchGlob', 'softDeleted', 'filter']

const isSet = (query: URLSearchParams, name: string): boolean =>
  !['', 'false'].includes((query.get(name) ?? '').toLowerCase())

export function listObjects(exchange: Exchange): Answer {
  const { query, simulation, origin } = exchange
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  demand(exchange, 'storage.objects.list', bucket)
  for (const name of unknown) if (isSet(query, name)) throw notSimulated(`the parameter ${name}`)
  const full = oneOfParameter(query, 'projection', ['full', 'noAcl']) === 'full'
  const versions = booleanParameter(query, 'versions')
  const token = query.get('pageToken')
  const after = token === null || token === '' ? undefined : readPageToken(token)
  const shown = collect(allVersions(bucket, versions), query).filter(
    ({ key }) => after === undefined || compareNames(key, after) > 0,
  )
  const page = shown.slice(0, pageSize(simulation, query))
  const last = page.at(-1)
  const items = page.flatMap((one) => ('object' in one ? [objectResource(origin, bucket, one.object, { full })] : []))
  const prefixes = page.flatMap((one) => ('prefix' in one ? [one.prefix] : []))
  return json({
    kind: 'storage#objects',
    ...(last && page.length < shown.length && { nextPageToken: writePageToken(last.key) }),
    ...(prefixes.length > 0 && { prefixes }),
    ...(items.length > 0 && { items }),
  })
}

/**
 * In the order of the names; a prefix stands where the first name below it would. `key` tells every entry from all
 * others, versions of one name too, and keeps that order.
 */
function collect(objects: readonly StoredObject[], query: URLSearchParams): Shown[] {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const trailing = booleanParameter(query, 'includeTrailingDelimiter')
  const start = query.get('startOffset') ?? ''
  const end = query.get('endOffset') ?? ''
  const shown = new Map<string, Shown>()
  for (const object of objects) {
    const { name } = object
    if (!name.startsWith(prefix) || compareNames(name, start) < 0) continue
    if (end !== '' && compareNames(name, end) >= 0) continue
    const cut = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length)
    const upTo = cut < 0 ? name : name.slice(0, cut + delimiter.length)
    const key = cut < 0 ? `${name}\0o${object.generation}` : `${upTo}\0`
    if (cut >= 0) shown.set(key, { key, prefix: upTo })
    if (cut < 0 || (trailing && upTo === name)) {
      const itself = `${name}\0o${object.generation}`
      shown.set(itself, { key: itself, object })
    }
  }
  return [...shown.values()].sort((one, two) => compareNames(one.key, two.key))
}
