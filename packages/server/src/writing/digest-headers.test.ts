import { createHash } from 'node:crypto'
import { StorageError } from '@filegate/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { announcedDigests } from './digest-headers.ts'

const from = (headers: Readonly<Record<string, string>>) => announcedDigests((name) => headers[name])
const names = { md5: 'md5', sha: 'sha1', 'sha-256': 'sha256', 'sha-512': 'sha512' } as const

function outcome(headers: Readonly<Record<string, string>>): string {
  try {
    return from(headers)[0]?.hex ?? ''
  } catch (error) {
    return StorageError.is(error, 'InvalidArgument') ? 'refused' : String(error)
  }
}

describe('announced digests', () => {
  it.each(Object.entries(names))('of %s are read in every spelling', (name, algorithm) => {
    const digest = createHash(algorithm).update('text').digest()
    const expected = [{ algorithm, hex: digest.toString('hex') }]
    const base64 = digest.toString('base64')
    expect(from({ digest: `${name.toUpperCase()}=${base64}` })).toEqual(expected)
    expect(from({ 'repr-digest': `${name}=:${base64}:` })).toEqual(expected)
    expect(from({ 'content-digest': `crc32c=:aaaaaa==:, ${name}=:${base64}:;q=1` })).toEqual(expected)
  })

  it('are read from Content-MD5', () => {
    const digest = createHash('md5').update('text').digest()
    expect(from({ 'content-md5': ` ${digest.toString('base64')} ` })).toEqual([
      { algorithm: 'md5', hex: digest.toString('hex') },
    ])
  })

  it('are none where there are none, or of unknown kinds only', () => {
    expect(from({})).toEqual([])
    expect(from({ digest: 'unixsum=30637, constructor=abcd', 'repr-digest': '' })).toEqual([])
  })

  it.each([
    { 'content-md5': '' },
    { 'content-md5': 'AAAA' },
    { digest: 'sha-256' },
    { digest: 'sha-256=AAAA' },
    { digest: 'sha-256=!' },
    { 'repr-digest': 'sha-256=:AAAA' },
  ])('are refused when they are malformed: %j', (headers) => {
    expect(() => from(headers)).toThrow(/^The header (?:Content-MD5|Digest|Repr-Digest) is malformed/)
  })

  it('end in a value or a clear refusal whatever is sent', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('content-md5', 'digest', 'repr-digest'), (value, name) => {
        expect(outcome({ [name]: value })).toMatch(/^(?:refused|[0-9a-f]{32,128}|)$/)
      }),
    )
  })
})
