import type { StoragePath } from '@filegate/core'
import { bodyOfPieces } from './body-of-pieces.ts'
import { type FoundEntry, pathOf } from './found-entries.ts'
import type { GlobOutcome } from './glob.ts'

export interface GlobFacts {
  readonly path: StoragePath
  readonly pattern: string
  /** Milliseconds. */
  readonly duration: number
}

/** The answer in JSON. */
export function globBody(outcome: GlobOutcome, facts: GlobFacts): string | ReadableStream<Uint8Array> {
  const { entries, scanned, truncated } = outcome
  const { path, pattern, duration } = facts
  const before = JSON.stringify({ count: entries.length, duration_ms: duration }).slice(0, -1)
  const after = JSON.stringify({ path: `/${path}`, pattern, total_scanned: scanned, truncated }).slice(1)
  const items = entries.values().map((entry) => JSON.stringify(entryInJson(entry)))
  return bodyOfPieces(`${before},"entries":[`, items, `],${after}`)
}

/** Times are in whole seconds here, unlike in listings. */
const entryInJson = (entry: FoundEntry) => ({
  is_dir: entry.isDirectory,
  modified: entry.modified === undefined ? null : Math.floor(entry.modified / 1000),
  name: `/${pathOf(entry)}`,
  size: entry.size ?? 0,
})
