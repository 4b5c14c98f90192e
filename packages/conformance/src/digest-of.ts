import { type HashAlgorithm, newDigest } from '@filegate/core'

/** Lower-case hexadecimal. The digests of vendors are proven by test vectors of their own. */
export function digestOf(bytes: Uint8Array, algorithm: HashAlgorithm): string {
  const digest = newDigest(algorithm)
  digest.update(bytes)
  return digest.finish()
}
