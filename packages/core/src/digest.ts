import { createHash } from 'node:crypto'
import { crc32 as continueCrc32 } from 'node:zlib'
import type { HashAlgorithm } from './contract.ts'
import { dropboxDigest } from './dropbox-digest.ts'
import { quickXorDigest } from './quick-xor-digest.ts'

export interface Digest {
  update(bytes: Uint8Array): void
  /** Lower-case hexadecimal; ends the digest. */
  finish(): string
}

const own: Readonly<Partial<Record<HashAlgorithm, () => Digest>>> = {
  crc32,
  crc32c,
  quickxor: quickXorDigest,
  dropbox: dropboxDigest,
}

export function newDigest(algorithm: HashAlgorithm): Digest {
  const make = own[algorithm]
  if (make) return make()
  const hash = createHash(algorithm)
  return { update: (bytes) => void hash.update(bytes), finish: () => hash.digest('hex') }
}

const eightDigits = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')

function crc32(): Digest {
  let value = 0
  return {
    update(bytes) {
      value = continueCrc32(bytes, value)
    },
    finish: () => eightDigits(value),
  }
}

/** CRC-32C (Castagnoli), as in RFC 3720, appendix B.4; Node has other ones only. */
function crc32c(): Digest {
  let state = 0xffffffff
  return {
    update(bytes) {
      for (const byte of bytes) state = (state >>> 8) ^ (table[(state ^ byte) & 0xff] ?? 0)
    },
    finish: () => eightDigits(state ^ 0xffffffff),
  }
}

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})
