const width = 160
const shift = 11

/**
 * QuickXorHash, as Microsoft describes it in words (OneDrive dev center, code snippets, "QuickXorHash algorithm"): byte
 * number i is rotated left by 11·i bits into 160 of them, and the length is laid over the last eight bytes.
 */
export function quickXor(bytes: Uint8Array): Buffer {
  // After 160 bytes the rotation starts over: bytes that lie so far apart meet at the same bits.
  const folded = new Uint8Array(width)
  for (let at = 0; at < bytes.length; at += 1) {
    const place = at % width
    folded[place] = (folded[place] ?? 0) ^ (bytes[at] ?? 0)
  }
  const hash = Buffer.alloc(width / 8)
  const mix = (place: number, value: number): void => {
    hash[place] = (hash[place] ?? 0) ^ value
  }
  for (const [at, byte] of folded.entries()) {
    const bit = (at * shift) % width
    const spread = byte << (bit % 8)
    const first = Math.floor(bit / 8)
    mix(first, spread & 0xff)
    mix((first + 1) % hash.length, spread >> 8)
  }
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  for (const [at, byte] of length.entries()) mix(hash.length - 8 + at, byte)
  return hash
}
