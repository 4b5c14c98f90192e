import type { Query } from '../http/query.ts'
import { type GlobPattern, parseGlob } from './glob-pattern.ts'
import type { TreeLimits } from './tree-limits.ts'

export const globSorts = ['mtime', 'name', 'size'] as const
export type GlobSort = (typeof globSorts)[number]

/** What a name search is asked for. */
export interface GlobRequest extends TreeLimits {
  readonly pattern: GlobPattern
  readonly sort: GlobSort
  readonly descending: boolean
  readonly maxResults: number
  /** Entries that are looked at. */
  readonly maxScanned: number
  /** Milliseconds. */
  readonly timeout: number
}

export function globRequest(query: Query): GlobRequest {
  const hidden = query.flag('hidden')
  const sort = query.choice('sort', globSorts) ?? 'mtime'
  const order = query.choice('order', ['asc', 'desc']) ?? (sort === 'mtime' ? 'desc' : 'asc')
  return {
    pattern: parseGlob(query.text('glob') ?? '', hidden),
    sort,
    descending: order === 'desc',
    maxResults: query.integer('max_results', { default: 1000, min: 1, max: 10_000 }),
    maxScanned: query.integer('max_files_scanned', { default: 100_000, min: 1, max: 500_000 }),
    maxDepth: query.integer('max_depth', { default: 50, min: 1, max: 100 }),
    timeout: query.integer('timeout', { default: 30, min: 1, max: 120 }) * 1000,
    noIgnore: query.flag('no_ignore'),
    // What a pattern says of names with a dot decides about them, one by one.
    hidden: true,
  }
}
