import { createHash } from 'node:crypto'
import type { HashAlgorithm } from './contract.ts'

export interface Digest {
  update(bytes: Uint8Array): void
  /** Lower-case hexadecimal; ends the digest. */
  finish(): string
}

export function newDigest(algorithm: HashAlgorithm): Digest {
  if (algorithm === 'crc32c') return crc32c()
  const hash = createHash(algorithm)
  return { update: (bytes) => void hash.update(bytes), finish: () => hash.digest('hex') }
}

/** CRC-32C (Castagnoli), as in RFC 3720, appendix B.4; node:crypto and node:zlib have other ones only. */
function crc32c(): Digest {
  let state = 0xffffffff
  return {
    update(bytes) {
      for (const byte of bytes) state = (state >>> 8) ^ (table[(state ^ byte) & 0xff] ?? 0)
    },
    finish: () => ((state ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0'),
  }
}

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})
