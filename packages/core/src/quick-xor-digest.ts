import type { Digest } from './digest.ts'

/** Bits of the digest. Each byte is put in at a place so many bits (`shift`) after the one before, around the ring. */
const width = 160
const shift = 11

/**
 * QuickXorHash, by which OneDrive for Business and SharePoint know a content
 * (https://learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash). As 160 and 11 have no divisor in common, the place
 * comes round every 160 bytes and not before: what meets at one place is put together as it comes, and shifted once at the end.
 */
export function quickXorDigest(): Digest {
  const lanes = new Uint8Array(width)
  let lane = 0
  let length = 0
  return {
    update(bytes) {
      for (const byte of bytes) {
        lanes[lane] = (lanes[lane] ?? 0) ^ byte
        lane = lane === width - 1 ? 0 : lane + 1
      }
      length += bytes.length
    },
    finish() {
      const digest = shifted(lanes)
      const count = Buffer.alloc(8)
      count.writeBigUInt64LE(BigInt(length))
      for (const [place, byte] of count.entries())
        digest[width / 8 - 8 + place] = (digest[width / 8 - 8 + place] ?? 0) ^ byte
      return digest.toString('hex')
    },
  }
}

function shifted(lanes: Uint8Array): Buffer {
  const digest = Buffer.alloc(width / 8)
  for (const [lane, byte] of lanes.entries()) {
    const bit = (lane * shift) % width
    const place = bit >> 3
    const next = (place + 1) % digest.length
    const spread = byte << (bit & 7)
    digest[place] = (digest[place] ?? 0) ^ (spread & 0xff)
    digest[next] = (digest[next] ?? 0) ^ (spread >> 8)
  }
  return digest
}
