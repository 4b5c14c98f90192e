import { crc32 } from 'node:zlib'
import { broken } from '../archive.ts'

/**
 * The same chunks, but the last one only goes out when size and checksum are right: a reader who counts bytes never takes
 * a wrong file for a whole one.
 */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  promised: { readonly size: number; readonly crc: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array | undefined
  let size = 0
  let crc = 0
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    size += chunk.length
    if (size > promised.size) throw broken('an entry holds more than it says')
    crc = crc32(chunk, crc)
    if (held) yield held
    held = chunk
  }
  if (size < promised.size) throw broken('an entry holds less than it says')
  if (crc !== promised.crc) throw broken('the checksum of an entry is wrong')
  if (held) yield held
}
