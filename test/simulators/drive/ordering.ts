import type { Item } from '../cloud-tree/item.ts'
import { badRequest, DriveError, invalidValue } from './drive-error.ts'
import { type Exchange, idsParameter } from './exchange.ts'
import { quotaBytes } from './file-resource.ts'
import { type Query, termsOf } from './query.ts'
import { folderType, notesOf, type Notes, typeOf } from './simulation.ts'

type Compare = (a: Item, b: Item) => number

/** Without an order nothing is promised: what changed last comes first, and clients that rely on names see it. */
const unordered: Compare = (a, b) => b.sequence - a.sequence

export function ordering({ simulation, caller, query }: Exchange, search: Query | undefined): Compare {
  const keys = idsParameter(query, 'orderBy')
  if (keys.length === 0) return unordered
  if (search && termsOf(search).some(({ field }) => field === 'fullText')) {
    const message =
      'Sorting is not supported for queries with fullText terms. Results are always in descending relevance order.'
    throw new DriveError(400, 'badRequest', message, { locationType: 'parameter', location: 'orderBy' })
  }
  const noted = (item: Item): Notes => notesOf(simulation, item.id)
  const by =
    (read: (item: Item) => number): Compare =>
    (a, b) =>
      read(a) - read(b)
  const compareNames = (options?: Intl.CollatorOptions): Compare => {
    const { compare } = new Intl.Collator('en', options)
    return (a, b) => compare(a.name, b.name)
  }
  const sharedAt = (item: Item): number =>
    noted(item).permissions.find(({ emailAddress }) => emailAddress === caller.email)?.time ?? 0
  const sorts: Readonly<Record<string, Compare>> = {
    createdTime: by((item) => item.created),
    folder: by((item) => (typeOf(item) === folderType ? 0 : 1)),
    modifiedByMeTime: by((item) => (noted(item).lastModifier === caller.email ? item.modified : 0)),
    modifiedTime: by((item) => item.modified),
    name: compareNames(),
    name_natural: compareNames({ numeric: true }),
    quotaBytesUsed: by(quotaBytes),
    recency: by((item) => Math.max(item.created, item.modified, noted(item).viewedByMeTime ?? 0)),
    sharedWithMeTime: by(sharedAt),
    starred: by((item) => (noted(item).starredBy.includes(caller.email) ? 0 : 1)),
    viewedByMeTime: by((item) => noted(item).viewedByMeTime ?? 0),
  }
  const compares = keys.map((key): Compare => {
    const [name = '', direction = 'asc', ...more] = key.split(/\s+/)
    const compare = Object.hasOwn(sorts, name) ? sorts[name] : undefined
    if (!compare || more.length > 0 || !['asc', 'desc'].includes(direction)) throw invalidValue('orderBy')
    return direction === 'desc' ? (a, b) => compare(b, a) : compare
  })
  if (compares.length > 10) throw badRequest('Too many sort keys.')
  return (a, b) => compares.map((compare) => compare(a, b)).find((result) => result !== 0) ?? unordered(a, b)
}
