import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { ByteRange } from '../contract.ts'
import { chunksOf } from '../layers/pulled.ts'
import { resolveRange } from '../range.ts'
import type { BucketOpened } from '../shapes/bucket-source.ts'
import { cutOut } from './ranged.ts'

/** What is compressed in a stream. Letting go of it lets go of the stream. */
export function inflated(stream: Readable): Readable {
  const inflating = createGunzip()
  // Errors reach whoever reads the end of the pipe.
  pipeline(stream, inflating, () => undefined)
  return inflating
}

/**
 * A compressed object as what is in it, or a range of that, which has to be cut out of the whole: where it lies shows only once
 * all has been counted.
 * @param open gives the whole, inflated
 */
export async function openInflated(
  range: ByteRange | undefined,
  open: () => Promise<BucketOpened>,
): Promise<BucketOpened> {
  if (!range) return open()
  let size = 0
  for await (const chunk of (await open()).body) size += chunk.length
  const resolved = resolveRange(range, size)
  const { object, body } = await open()
  return { object, range: resolved, body: cutOut(chunksOf(body), resolved) }
}
