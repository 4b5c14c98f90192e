import { pipeline, Readable, type Transform } from 'node:stream'
import { StorageError } from '@filegate/core'
import { broken } from '../archive.ts'

/** zlib works in the thread pool of Node; this only carries chunks. */
export async function* throughZlib(
  packed: AsyncGenerator<Uint8Array, void, undefined>,
  transform: Transform,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = Readable.from(packed, { objectMode: false })
  // The error also arrives where the transform is read.
  pipeline(source, transform, () => {})
  try {
    for await (const chunk of transform) if (chunk instanceof Uint8Array) yield chunk
  } catch (error) {
    throw StorageError.is(error) ? error : broken(error instanceof Error ? error.message : String(error), error)
  } finally {
    source.destroy()
    transform.destroy()
  }
}
