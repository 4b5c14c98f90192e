/** CRC-32C, RFC 3720 appendix B.4, eight bytes at a time. */
const tables = makeTables()

function makeTables(): readonly Uint32Array[] {
  const first = new Uint32Array(256)
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
    first[byte] = value
  }
  const all = [first]
  for (let place = 1; place < 8; place += 1) {
    const before = all[place - 1] ?? first
    all.push(before.map((value) => (value >>> 8) ^ (first[value & 255] ?? 0)))
  }
  return all
}

/** @param crc what the bytes before gave, 0 at the beginning */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables
  if (!t0 || !t1 || !t2 || !t3 || !t4 || !t5 || !t6 || !t7) throw new Error('The tables of CRC-32C are not made.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entry = (table: Uint32Array, value: number): number => table[value & 255] ?? 0
  let state = ~crc
  let place = 0
  for (; place + 8 <= bytes.length; place += 8) {
    const low = state ^ view.getUint32(place, true)
    const high = view.getUint32(place + 4, true)
    state =
      entry(t7, low) ^
      entry(t6, low >>> 8) ^
      entry(t5, low >>> 16) ^
      entry(t4, low >>> 24) ^
      entry(t3, high) ^
      entry(t2, high >>> 8) ^
      entry(t1, high >>> 16) ^
      entry(t0, high >>> 24)
  }
  for (; place < bytes.length; place += 1) state = (state >>> 8) ^ entry(t0, state ^ view.getUint8(place))
  return ~state >>> 0
}

/** As the API writes it: base64 of the four bytes, the highest first. */
export function writeCrc32c(crc: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc)
  return bytes.toString('base64')
}
