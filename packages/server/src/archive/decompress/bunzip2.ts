import { BitReader } from './bit-reader.ts'
import { readSymbols } from './bunzip2-symbols.ts'

/** More than a block can take when packed, so a block is decoded without waiting for bytes in its midst. */
const enough = 2_600_000
const chunkSize = 262_144
const magic = { stream: 0x425a68, block: [0x314159, 0x265359], end: [0x177245, 0x385090] } as const

/**
 * Unpacks bzip2, several streams one after the other included. As in the reference implementation, whatever follows the
 * last stream is ignored.
 * @throws Error on damage, also when the bytes end before the stream does.
 */
export async function* bunzip2(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const input = packed[Symbol.asyncIterator]()
  const bits = new BitReader()
  let ended = false
  const fill = async (): Promise<void> => {
    const chunks: Uint8Array[] = []
    for (let size = bits.left; size < enough && !ended; ) {
      const next = await input.next()
      if (next.done) ended = true
      else chunks.push(next.value)
      size += next.done ? 0 : next.value.length
    }
    if (chunks.length > 0) bits.append(Buffer.concat(chunks))
  }

  await fill()
  for (let first = true; first || !bits.ended; first = false) {
    if (bits.take(24) !== magic.stream) {
      if (first) throw new Error('it is no bzip2 data')
      return
    }
    const level = bits.take(8) - 0x30
    if (level < 1 || level > 9) throw new Error('it is no bzip2 data')
    const decoder = new BlockDecoder(level * 100_000)
    let checksum = 0
    while (startsBlock(bits)) {
      yield* decoder.decode(bits)
      checksum = ((checksum << 1) | (checksum >>> 31)) ^ decoder.checksum
      await fill()
    }
    if (bits.take32() !== checksum >>> 0) throw new Error('the checksum of its bzip2 data is wrong')
    bits.check()
    bits.align()
    await fill()
  }
}

function startsBlock(bits: BitReader): boolean {
  const mark = [bits.take(24), bits.take(24)]
  bits.check()
  if (mark[0] === magic.block[0] && mark[1] === magic.block[1]) return true
  if (mark[0] === magic.end[0] && mark[1] === magic.end[1]) return false
  throw new Error('a block of its bzip2 data does not begin where it should')
}

/** CRC-32 with the highest bit first, unlike that of zip. */
const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc
})

class BlockDecoder {
  /** Of the block that was decoded last. */
  checksum = 0
  readonly #symbols: Uint32Array

  constructor(blockSize: number) {
    this.#symbols = new Uint32Array(blockSize)
  }

  *decode(bits: BitReader): Generator<Uint8Array, void, undefined> {
    this.checksum = bits.take32()
    if (bits.take(1) === 1) throw new Error('its bzip2 data is of a kind that has not been written since 1997')
    const origin = bits.take(24)
    const { size, counts } = readSymbols(bits, this.#symbols)
    if (origin >= size) throw new Error('a block of its bzip2 data points outside of itself')
    this.#link(size, counts)
    yield* this.#unwind(size, origin)
  }

  /** Puts into the upper 24 bits of each place where the next symbol is: the inverse of the sorting. */
  #link(size: number, counts: Int32Array): void {
    const symbols = this.#symbols
    let sum = 0
    const starts = counts.map((count) => (sum += count) - count)
    for (let at = 0; at < size; at++) {
      const byte = (symbols[at] ?? 0) & 0xff
      const place = starts[byte] ?? 0
      starts[byte] = place + 1
      symbols[place] = (symbols[place] ?? 0) | (at << 8)
    }
  }

  /** Four equal bytes are followed by how many more there are. */
  *#unwind(size: number, origin: number): Generator<Uint8Array, void, undefined> {
    const symbols = this.#symbols
    let out = new Uint8Array(chunkSize)
    let filled = 0
    let crc = -1
    let place = (symbols[origin] ?? 0) >>> 8
    let last = -1
    let run = 0
    for (let left = size; left > 0; left--) {
      const link = symbols[place] ?? 0
      place = link >>> 8
      const byte = link & 0xff
      let repeat = 1
      if (run === 4) {
        repeat = byte
        run = 0
      } else {
        run = byte === last ? run + 1 : 1
        last = byte
      }
      if (filled + repeat > chunkSize) {
        yield out.subarray(0, filled)
        out = new Uint8Array(chunkSize)
        filled = 0
      }
      for (; repeat > 0; repeat--) {
        out[filled++] = last
        crc = (crc << 8) ^ (crcTable[(crc >>> 24) ^ last] ?? 0)
      }
    }
    if (~crc >>> 0 !== this.checksum) throw new Error('the checksum of a block of its bzip2 data is wrong')
    if (filled > 0) yield out.subarray(0, filled)
  }
}
