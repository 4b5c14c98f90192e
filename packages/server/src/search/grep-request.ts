import type { Query } from '../http/query.ts'
import type { FileLimits } from './grep-match.ts'
import { parsePattern, type SearchPattern } from './parse-pattern.ts'
import type { TreeLimits } from './tree-limits.ts'

/** What a content search is asked for. */
export interface GrepRequest extends FileLimits, TreeLimits {
  readonly pattern: SearchPattern
  /** Matches over all files. */
  readonly maxMatches: number
  /** Larger files are skipped. Bytes. */
  readonly maxFilesize: number
  /** Milliseconds. */
  readonly timeout: number
}

const bounds = {
  context: { default: 0, min: 0, max: 10 },
  max_count: { default: 50, min: 1, max: 1000 },
  max_matches: { default: 500, min: 1, max: 10_000 },
  max_depth: { default: 50, min: 1, max: 100 },
  max_filesize: { default: 10_485_760, min: 1, max: 104_857_600 },
  timeout: { default: 30, min: 1, max: 120 },
} as const

export function grepRequest(query: Query): GrepRequest {
  const integer = (name: keyof typeof bounds): number => query.integer(name, bounds[name])
  const flags = { ignoreCase: query.flag('ignore_case'), fixedString: query.flag('fixed_string') }
  return {
    pattern: parsePattern(query.text('grep') ?? '', flags),
    context: integer('context'),
    maxCount: integer('max_count'),
    maxMatches: integer('max_matches'),
    maxDepth: integer('max_depth'),
    maxFilesize: integer('max_filesize'),
    timeout: integer('timeout') * 1000,
    noIgnore: query.flag('no_ignore'),
    hidden: query.flag('hidden'),
  }
}
