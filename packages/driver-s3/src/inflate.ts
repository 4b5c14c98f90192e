import { type BucketOpened, chunksOf, resolveRange } from '@filegate/core'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { objectOf } from './adapt.ts'
import type { Connection } from './connection.ts'
import { getObject, type Reading } from './get-object.ts'
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
export async function openInflated(connection: Connection, reading: Reading): Promise<BucketOpened> {
  const { key, range, signal } = reading
  const whole = { ...reading, range: undefined }
  const open = async () => {
    const { answer, stream } = await getObject(connection, whole)
    return { object: objectOf(key, answer, connection.settings), body: bodyOf(inflated(stream), signal) }
  }
  if (!range) return open()
  let size = 0
  for await (const chunk of (await open()).body) size += chunk.length
  const resolved = resolveRange(range, size)
  const { object, body } = await open()
  return { object, range: resolved, body: cutOut(chunksOf(body), resolved) }
}
