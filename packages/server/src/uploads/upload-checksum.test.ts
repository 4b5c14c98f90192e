import { createHash } from 'node:crypto'
import { StorageError } from '@filegate/core'
import { assert, constantFrom, oneof, property, string, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkDigest, checksumAlgorithms, parseChecksum, startHash } from './upload-checksum.ts'

/** The algorithm, or what is thrown. */
function outcome(text: string): unknown {
  try {
    return parseChecksum(text).algorithm
  } catch (error) {
    return error
  }
}

describe('Upload-Checksum', () => {
  it('holds for the bytes that it was made of, and for no others', () => {
    assert(
      property(uint8Array(), constantFrom(...checksumAlgorithms), (bytes, algorithm) => {
        const checksum = parseChecksum(`${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`)
        expect(() => checkDigest(checksum, startHash(checksum).update(bytes))).not.toThrow()
        expect(() => checkDigest(checksum, startHash(checksum).update(bytes).update('x'))).toThrow(checksum.hex)
      }),
    )
  })

  it('refuses everything else as a wrong argument', () => {
    const texts = oneof(string(), string({ unit: constantFrom(...'sha1md5 Aa=+/'.split('')) }))
    assert(
      property(texts, (text) => {
        const parsed = outcome(text)
        expect(checksumAlgorithms.includes(String(parsed)) || StorageError.is(parsed, 'InvalidArgument')).toBe(true)
      }),
    )
  })

  it.each(['sha1', 'sha1 ', 'sha1 YQ==', 'crc32 YWJjZA==', 'constructor YQ==', 'SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0='])(
    'refuses %j',
    (text) => {
      expect(() => parseChecksum(text)).toThrow(StorageError)
    },
  )
})
