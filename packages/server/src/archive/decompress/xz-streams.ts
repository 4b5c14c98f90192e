import { crc32 } from 'node:zlib'

/** The .xz file format 1.2.1, sections 2.1.1, 2.1.2 and 2.2. */
const magic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])
const headerSize = 12
const footerSize = 12
/** Zeros that may stand between two streams, as far as we know them. */
const mostPadding = 4096

/** The streams of an xz file, one after the other. The chunks of one are to be taken before the next one is asked for. */
export interface XzStreams {
  /** Chunks of the current stream, with what stands behind it. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>
  /** Goes to the next stream. False when there is none. */
  next(): Promise<boolean>
}

/**
 * Cuts xz data where one stream ends and the next begins, as after `cat`, or as parallel packers write them: our decoder
 * reads one and does not say where it ended. The cut is where a footer and a header meet whose checksums are both right.
 */
export function xzStreams(packed: AsyncIterable<Uint8Array>): XzStreams {
  const source = packed[Symbol.asyncIterator]()
  /** Given out already, to be looked back at. */
  let before = Buffer.alloc(0)
  let waiting = Buffer.alloc(0)
  let ended = false
  /** Where in `waiting` the next stream begins, once that is known. */
  let border: number | undefined

  function findBorder(): number | undefined {
    const all = Buffer.concat([before, waiting])
    for (let at = all.indexOf(magic, before.length); at !== -1; at = all.indexOf(magic, at + 1)) {
      if (at + headerSize <= all.length && isBorder(all, at)) return at - before.length
    }
    return undefined
  }

  function give(count: number): Uint8Array {
    const chunk = waiting.subarray(0, count)
    waiting = waiting.subarray(count)
    before = Buffer.concat([before, chunk]).subarray(-(footerSize + mostPadding))
    return chunk
  }

  return {
    async *chunks() {
      while (border !== 0) {
        const ready = border ?? (ended ? waiting.length : waiting.length - headerSize + 1)
        if (ready > 0) {
          if (border !== undefined) border = 0
          yield give(ready)
          continue
        }
        if (ended) return
        const more = await source.next()
        if (more.done) ended = true
        else waiting = Buffer.concat([waiting, more.value])
        border = findBorder()
      }
    },
    async next() {
      const rest = this.chunks()
      while (!(await rest.next()).done);
      if (border === undefined) return false
      before = Buffer.alloc(0)
      border = findBorder()
      return true
    },
  }
}

function isBorder(bytes: Buffer, at: number): boolean {
  let end = at
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  const footer = end - footerSize
  return (
    footer >= 0 &&
    (at - end) % 4 === 0 &&
    bytes.toString('latin1', end - 2, end) === 'YZ' &&
    bytes.readUInt32LE(footer) === crc32(bytes.subarray(footer + 4, footer + 10)) &&
    bytes.readUInt32LE(at + 8) === crc32(bytes.subarray(at + 6, at + 8))
  )
}
