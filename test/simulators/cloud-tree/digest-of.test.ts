import { describe, expect, it } from 'vitest'
import { contentHash, hashOfBlocks } from './content-hash.ts'
import { digestOf } from './digest-of.ts'

const patterned = Buffer.from(Array.from({ length: 1000 }, (_, at) => (at * 7 + 3) % 256))

describe('digests of the vendors', () => {
  it('QuickXor is what published implementations give', () => {
    const quick = (bytes: Uint8Array): string => digestOf(bytes, 'quickXor').toString('base64')
    expect(quick(Buffer.alloc(0))).toBe('AAAAAAAAAAAAAAAAAAAAAAAAAAA=')
    // Printed in the description of the Python package quickxorhash.
    expect(quick(Buffer.from('hello world'))).toBe('aCgDG9jwBhDc4Q1yawMZAAAAAAA=')
    // `rclone hashsum quickxor`: longer than one turn of the rotation.
    expect(quick(patterned)).toBe('dgD8j0n8sM0aPE5CUJ8tqmilX/E=')
  })

  it('the content hash of the vendor’s example follows from the digests of its blocks', () => {
    const blocks = [
      '2a846fa617c3361fc117e1c5c1e1838c336b6a5cef982c1a2d9bdf68f2f1992a',
      'c68469027410ea393eba6551b9fa1e26db775f00eae70a0c3c129a0011a39cf9',
      '7376192de020925ce6c5ef5a8a0405e931b0a9a8c75517aacd9ca24a8a56818b',
    ]
    expect(hashOfBlocks(blocks.map((block) => Buffer.from(block, 'hex'))).toString('hex')).toBe(
      '485291fa0ee50c016982abbfa943957bcd231aae0492ccbaa22c58e3997b35e0',
    )
  })

  it('the content hash cuts at 4 MiB, and an empty file has no block', () => {
    expect(contentHash(Buffer.alloc(0)).toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    expect(contentHash(Buffer.from('hello world')).toString('hex')).toBe(
      'bc62d4b80d9e36da29c16c5d4d9f11731f36052c72401a76c23c0fb5a9b74423',
    )
    const block = Buffer.alloc(4 * 1024 * 1024)
    const two = hashOfBlocks([digestOf(block, 'sha256'), digestOf(Buffer.alloc(1), 'sha256')])
    expect(contentHash(Buffer.alloc(block.length + 1))).toEqual(two)
  })

  it('MD5, SHA-1 and SHA-256 are the common ones', () => {
    const bytes = Buffer.from('abc')
    expect(digestOf(bytes, 'md5').toString('hex')).toBe('900150983cd24fb0d6963f7d28e17f72')
    expect(digestOf(bytes, 'sha1').toString('hex')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d')
    expect(digestOf(bytes, 'sha256').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })
})
