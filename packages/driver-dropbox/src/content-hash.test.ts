import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentHash } from './content-hash.ts'

const block = 4_194_304
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/** As the vendor describes it, with everything in memory. */
function described(bytes: Uint8Array): string {
  const digests: Buffer[] = []
  for (let at = 0; at < bytes.length; at += block) digests.push(sha256(bytes.subarray(at, at + block)))
  return sha256(Buffer.concat(digests)).toString('hex')
}

function hashOf(...parts: readonly Uint8Array[]): string {
  const hash = contentHash()
  for (const part of parts) hash.update(part)
  return hash.finish()
}

describe('the content hash', () => {
  // As `rclone hashsum dropbox` and the vendor's own examples have them.
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['hello', '9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50'],
  ])('of %j is known', (text, digest) => {
    expect(hashOf(Buffer.from(text))).toBe(digest)
  })

  it.each([block - 1, block, block + 1, 2 * block, 2 * block + 5])('of %i bytes is that of its blocks', (size) => {
    const bytes = new Uint8Array(size).map((_, place) => (place * 31 + (place >> 8)) % 256)
    expect(hashOf(bytes)).toBe(described(bytes))
  })

  it('is the same however the bytes come in', () => {
    const bytes = new Uint8Array(block + 100_000).map((_, place) => (place * 7 + (place >> 9)) % 256)
    const whole = described(bytes)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 5 }), (cuts) => {
        const places = [0, ...cuts.sort((one, other) => one - other), bytes.length]
        const parts = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
        expect(hashOf(...parts)).toBe(whole)
      }),
      { numRuns: 10 },
    )
  })
})
