import { describe, expect, it } from 'vitest'
import { type HashAlgorithm, hashAlgorithms } from './contract.ts'
import { newDigest } from './digest.ts'

const bytes = new TextEncoder().encode('123456789')

describe('a digest', () => {
  it.each([
    ['crc32c', 'e3069283'],
    ['crc32', 'cbf43926'],
    ['md5', '25f9e794323b453885f5181f1b624d0b'],
    ['sha1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['sha256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
  ] as const)('by %s is the published check value', (algorithm, expected) => {
    const whole = newDigest(algorithm)
    whole.update(bytes)
    expect(whole.finish()).toBe(expected)
  })

  it.each(hashAlgorithms)('by %s does not depend on how the bytes are cut', (algorithm) => {
    const pieces = newDigest(algorithm)
    for (const byte of bytes) pieces.update(Uint8Array.of(byte))
    const whole = newDigest(algorithm)
    whole.update(bytes)
    expect(pieces.finish()).toBe(whole.finish())
  })

  it('by crc32c is eight digits long, leading zeros included', () => {
    expect(newDigest('crc32c').finish()).toBe('00000000')
  })

  // As `rclone hashsum` prints them: empty, around a turn of the ring, around a block, more than two blocks.
  it.each([
    [0, '0000000000000000000000000000000000000000'],
    [1, '0000000000000000000000000100000000000000'],
    [11, '00f8800fbac0874de8221bf8b3800d0000000000'],
    [159, '5d551c7a638caf9b92613696967fef3850ce20b1'],
    [160, '5d551c7a638caf9b92613696a97fef3850ce00b9'],
    [161, '3d551c7a638caf9b92613696a87fef3850ce00b9'],
    [5000, 'b4b96024b6646d45c7182e132552c477fd0e0692'],
    [9_000_001, '290f16e3f2112bd0db4cab73549c8fa281f21a77'],
  ])('by quickxor of %i bytes is what another implementation gives', (length, expected) => {
    expect(digestOf('quickxor', patterned(length))).toBe(expected)
  })

  it('by quickxor is what the vendor shows in base64', () => {
    const digest = digestOf('quickxor', new TextEncoder().encode('hello world'))
    expect(Buffer.from(digest, 'hex').toString('base64')).toBe('aCgDG9jwBhDc4Q1yawMZAAAAAAA=')
  })

  it.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '1406e05881e299367766d313e26c05564ec91bf721d31726bd6e46e60689539a'],
    [4_194_303, '67ff506b3906081da446520329a02141563cc74bf62108ad0cdac644de35b99f'],
    [4_194_304, '183f9bcba69d7ad647445f98f69c4adf63ac815175f1d7502c0f24bf5ca68c13'],
    [4_194_305, 'ea6cb7a5d28f10093584bb263726701c3c92edc484d993731f7338fed83808c2'],
    [9_000_001, '471ba9c197f762577175eb910afc512eb5cf9e86c5a2585e985dfc0d76a5d1e6'],
  ])('by dropbox of %i bytes is what another implementation gives, however they are cut', (length, expected) => {
    const bytes = patterned(length)
    const pieces = newDigest('dropbox')
    for (let start = 0; start < length; start += 1_000_003) pieces.update(bytes.subarray(start, start + 1_000_003))
    expect(pieces.finish()).toBe(expected)
    expect(digestOf('dropbox', bytes)).toBe(expected)
  })
})

const patterned = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, place) => (place * 31 + (place >> 8)) & 255)

function digestOf(algorithm: HashAlgorithm, bytes: Uint8Array): string {
  const digest = newDigest(algorithm)
  digest.update(bytes)
  return digest.finish()
}
