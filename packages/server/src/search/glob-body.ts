import type { StoragePath } from '@filegate/core'
import { ownChunks } from '../bodies/owned-chunks.ts'
import { byteStream } from '../listing/byte-stream.ts'
import { JsonChunk, longestNumber, longestUnit } from '../listing/json-chunk.ts'
import type { Found } from './found-entries.ts'
import type { GlobOutcome } from './glob.ts'

export interface GlobFacts {
  readonly path: StoragePath
  readonly pattern: string
  /** Milliseconds. */
  readonly duration: number
}

const encoder = new TextEncoder()

/** The answer in JSON. */
export function globBody(outcome: GlobOutcome, facts: GlobFacts): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  const { found, scanned, truncated } = outcome
  const { path, pattern, duration } = facts
  const before = JSON.stringify({ count: found.order.length, duration_ms: duration }).slice(0, -1)
  const after = JSON.stringify({ path: `/${path}`, pattern, total_scanned: scanned, truncated }).slice(1)
  const chunks = chunksOf(`${before},"entries":[`, found, `],${after}`)
  const first = chunks.next().value ?? new Uint8Array()
  const second = chunks.next()
  return second.done ? first : ownChunks(byteStream(joined([first, second.value], chunks)))
}

function* joined<T>(...lists: readonly Iterable<T>[]): Generator<T, void> {
  for (const list of lists) yield* list
}

/** Bytes are written one by one because this leaves nothing behind to be collected, and while they are sent. */
function* chunksOf(before: string, { rows, order }: Found, after: string): Generator<Uint8Array<ArrayBuffer>, void> {
  const [start, end] = [encoder.encode(before), encoder.encode(after)]
  let chunk = new JsonChunk(start.length)
  chunk.put(start)
  for (const [place, row] of order.entries()) {
    const { folder } = rows.source(row)
    const name = rows.name(row)
    const needed = (folder.length + name.length) * longestUnit + longestRest
    if (chunk.room < needed) {
      yield chunk.bytes()
      chunk = new JsonChunk(needed)
    }
    if (place > 0) chunk.put(parts.comma)
    chunk.put(rows.isDirectory(row) ? parts.directory : parts.file)
    // Times are in whole seconds here, unlike in listings.
    chunk.number(Math.floor(rows.time(row) / 1000))
    chunk.put(parts.name)
    if (folder !== '') {
      chunk.text(folder)
      chunk.put(parts.slash)
    }
    chunk.text(name)
    chunk.put(parts.size)
    chunk.number(rows.size(row) || 0)
    chunk.put(parts.end)
  }
  if (chunk.room < end.length) {
    yield chunk.bytes()
    chunk = new JsonChunk(end.length)
  }
  chunk.put(end)
  yield chunk.bytes()
}

const parts = {
  comma: encoder.encode(','),
  directory: encoder.encode('{"is_dir":true,"modified":'),
  file: encoder.encode('{"is_dir":false,"modified":'),
  name: encoder.encode(',"name":"/'),
  slash: encoder.encode('/'),
  size: encoder.encode('","size":'),
  end: encoder.encode('}'),
} as const

const longestRest = Object.values(parts).reduce((sum, { length }) => sum + length, 2 * longestNumber)
