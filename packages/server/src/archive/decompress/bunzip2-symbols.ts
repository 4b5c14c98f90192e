import type { BitReader } from './bit-reader.ts'

const mostGroups = 6
const fewestGroups = 2
const mostSelectors = 18_002
const groupSize = 50
const longestCode = 20
/** Codes up to this length, which are nearly all, are looked up in one step. */
const tableBits = 10

const damage = (): Error => new Error('a block of its bzip2 data makes no sense')

/**
 * Reads the Huffman-coded part of a block into the low bytes of `target`: the last column of the sorted block.
 * `counts` says how often each byte comes.
 */
export function readSymbols(bits: BitReader, target: Uint32Array): { size: number; counts: Int32Array } {
  const used = readUsedBytes(bits)
  const groups = bits.take(3)
  const selectorCount = bits.take(15)
  if (groups < fewestGroups || groups > mostGroups || selectorCount === 0) throw damage()
  const selectors = readSelectors(bits, groups, selectorCount)
  const codes = Array.from({ length: groups }, () => readCode(bits, used.length + 2))
  bits.check()
  return decode(bits, target, used, codes, selectors)
}

/** Which bytes occur, as a map of which of 16 maps there are. */
function readUsedBytes(bits: BitReader): Uint8Array {
  const used: number[] = []
  const rows = bits.take(16)
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >> row)) === 0) continue
    const columns = bits.take(16)
    for (let column = 0; column < 16; column++) if (columns & (0x8000 >> column)) used.push(row * 16 + column)
  }
  if (used.length === 0) throw damage()
  return Uint8Array.from(used)
}

function readSelectors(bits: BitReader, groups: number, count: number): Uint8Array {
  const selectors = new Uint8Array(Math.min(count, mostSelectors))
  const order = Array.from({ length: groups }, (_, group) => group)
  for (let index = 0; index < count; index++) {
    let place = 0
    while (bits.take(1) === 1) if (++place >= groups) throw damage()
    const [group = 0] = order.splice(place, 1)
    order.unshift(group)
    // The reference implementation ignores superfluous ones since 1.0.7.
    if (index < mostSelectors) selectors[index] = group
    if (index % 1000 === 0) bits.check()
  }
  return selectors
}

interface Code {
  /** For the next `tableBits` bits: symbol and length, or 0 where the code is longer. */
  readonly table: Uint16Array
  /** For each length the code behind the last one, shifted to the full length. */
  readonly limits: Int32Array
  /** For each length what to subtract from a code to get its place in `symbols`. */
  readonly bases: Int32Array
  /** Sorted by code. */
  readonly symbols: Uint16Array
}

function readCode(bits: BitReader, size: number): Code {
  const lengths = new Uint8Array(size)
  let length = bits.take(5)
  for (let symbol = 0; symbol < size; symbol++) {
    for (;;) {
      if (length < 1 || length > longestCode) throw damage()
      if (bits.take(1) === 0) break
      length += bits.take(1) === 0 ? 1 : -1
    }
    lengths[symbol] = length
  }
  return codeOf(lengths)
}

function codeOf(lengths: Uint8Array): Code {
  const table = new Uint16Array(1 << tableBits)
  const limits = new Int32Array(longestCode + 1)
  const bases = new Int32Array(longestCode + 1)
  const symbols = new Uint16Array(lengths.length)
  let code = 0
  let place = 0
  for (let length = 1; length <= longestCode; length++) {
    bases[length] = code - place
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue
      symbols[place++] = symbol
      if (length <= tableBits) {
        const shift = tableBits - length
        table.fill((symbol << 5) | length, code << shift, (code + 1) << shift)
      }
      code += 1
    }
    limits[length] = code << (longestCode - length)
    code <<= 1
  }
  return { table, limits, bases, symbols }
}

function decodeSymbol(bits: BitReader, { table, limits, bases, symbols }: Code): number {
  const ahead = bits.peek(longestCode)
  const found = table[ahead >> (longestCode - tableBits)] ?? 0
  if (found !== 0) {
    bits.skip(found & 31)
    return found >> 5
  }
  for (let length = tableBits + 1; length <= longestCode; length++) {
    if (ahead >= (limits[length] ?? 0)) continue
    bits.skip(length)
    return symbols[(ahead >> (longestCode - length)) - (bases[length] ?? 0)] ?? 0
  }
  throw damage()
}

/** Undoes the move-to-front coding; symbols 0 and 1 are the digits of run lengths of the byte in front. */
function decode(
  bits: BitReader,
  target: Uint32Array,
  used: Uint8Array,
  codes: readonly Code[],
  selectors: Uint8Array,
): { size: number; counts: Int32Array } {
  const counts = new Int32Array(256)
  const order = Uint8Array.from(used)
  const end = used.length + 1
  let size = 0
  let run = 0
  let digit = 1
  for (const selector of selectors) {
    const code = codes[selector]
    if (!code) throw damage()
    for (let left = groupSize; left > 0; left--) {
      const symbol = decodeSymbol(bits, code)
      if (symbol < 2) {
        run += digit << symbol
        digit *= 2
        if (run > target.length) throw damage()
        continue
      }
      if (run > 0) {
        const byte = order[0] ?? 0
        if (size + run > target.length) throw damage()
        target.fill(byte, size, size + run)
        counts[byte] = (counts[byte] ?? 0) + run
        size += run
        run = 0
      }
      digit = 1
      if (symbol === end) {
        bits.check()
        return { size, counts }
      }
      if (size >= target.length) throw damage()
      const byte = order[symbol - 1] ?? 0
      order.copyWithin(1, 0, symbol - 1)
      order[0] = byte
      target[size++] = byte
      counts[byte] = (counts[byte] ?? 0) + 1
    }
    bits.check()
  }
  throw damage()
}
