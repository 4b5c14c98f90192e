/** Characters of the base64 form of so many bytes. */
export const base64Length = (size: number): number => Math.ceil(size / 3) * 4

/**
 * Divisible by three, so that pieces need no padding between them. At this size the allocator reuses what it has; with
 * pieces of a megabyte the same work was measured to take twice as long.
 */
const pieceSize = 48 * 1024

/** The base64 form of bytes that come in chunks of any length, as ASCII bytes. Holds back at most two bytes. */
export async function* base64Of(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (rest.length > 0) {
      // Only the group that was begun is copied, not the chunk.
      const group = Buffer.concat([rest, bytes.subarray(0, 3 - rest.length)])
      bytes = bytes.subarray(group.length - rest.length)
      rest = group
      if (group.length < 3) continue
      yield encoded(group)
    }
    const whole = bytes.length - (bytes.length % 3)
    for (let begin = 0; begin < whole; begin += pieceSize) {
      yield encoded(bytes.subarray(begin, Math.min(begin + pieceSize, whole)))
    }
    rest = Buffer.from(bytes.subarray(whole))
  }
  if (rest.length > 0) yield encoded(rest)
}

const encoded = (bytes: Buffer): Uint8Array => Buffer.from(bytes.toString('base64'), 'latin1')
