import type { StoragePath } from '@filegate/core'
import { bodyOfPieces } from './body-of-pieces.ts'
import type { GlobOutcome } from './glob.ts'
import type { TreeEntry } from './tree-walk.ts'

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
const entryInJson = ({ kind, path, size, modified }: TreeEntry) => ({
  is_dir: kind === 'directory',
  modified: modified === undefined ? null : Math.floor(modified / 1000),
  name: `/${path}`,
  size: size ?? 0,
})
