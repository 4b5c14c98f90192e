import { type BucketOpened, type ByteRange, chunksOf, resolveRange } from '@filegate/core'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Answer } from './client.ts'
import { bodyOf } from './node-body.ts'
import { cutOut } from './ranged.ts'

/** What is compressed in a stream. Letting go of it lets go of the stream. */
export function inflated(stream: Readable): Readable {
  const inflating = createGunzip()
  // Errors reach whoever reads the end of the pipe.
  pipeline(stream, inflating, () => undefined)
  return inflating
}

/**
 * A compressed object as what is in it. A range of that has to be cut out of the whole, and where it lies shows only once
 * all of it has been counted.
 */
export async function openInflated(
  object: BucketOpened['object'],
  range: ByteRange | undefined,
  signal: AbortSignal | undefined,
  get: () => Promise<Answer>,
): Promise<BucketOpened> {
  const open = async () => bodyOf(inflated((await get()).stream), signal)
  if (!range) return { object, body: await open() }
  let size = 0
  for await (const chunk of await open()) size += chunk.length
  const resolved = resolveRange(range, size)
  return { object, range: resolved, body: cutOut(chunksOf(await open()), resolved) }
}
