import { describe, expect, it } from 'vitest'
import { newDigest } from './digest.ts'

const bytes = new TextEncoder().encode('123456789')

describe('a digest', () => {
  it.each([
    ['crc32c', 'e3069283'],
    ['md5', '25f9e794323b453885f5181f1b624d0b'],
    ['sha1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['sha256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
  ] as const)('by %s is the published check value', (algorithm, expected) => {
    const whole = newDigest(algorithm)
    whole.update(bytes)
    expect(whole.finish()).toBe(expected)
  })

  it.each(['crc32c', 'md5', 'sha1', 'sha256'] as const)(
    'by %s does not depend on how the bytes are cut',
    (algorithm) => {
      const pieces = newDigest(algorithm)
      for (const byte of bytes) pieces.update(Uint8Array.of(byte))
      const whole = newDigest(algorithm)
      whole.update(bytes)
      expect(pieces.finish()).toBe(whole.finish())
    },
  )

  it('by crc32c is eight digits long, leading zeros included', () => {
    expect(newDigest('crc32c').finish()).toBe('00000000')
  })
})
