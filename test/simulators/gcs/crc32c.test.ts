import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c, writeCrc32c } from './crc32c.ts'

describe('CRC-32C', () => {
  it('gives the values of RFC 3720, B.4', () => {
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, place) => place)))).toBe(0x46dd794e)
    expect(writeCrc32c(crc32c(Buffer.from('hello world')))).toBe('yZRlqg==')
  })

  it('is the same in one piece and in several', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (one, two) => {
        expect(crc32c(two, crc32c(one))).toBe(crc32c(Buffer.concat([one, two])))
      }),
    )
  })
})
