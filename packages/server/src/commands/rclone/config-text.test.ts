import * as fc from 'fast-check'
import { StorageError } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { parseRcloneConfig } from './config-text.ts'

const read = (text: string) =>
  parseRcloneConfig(text).map(({ name, values }) => [name, Object.fromEntries(values)] as const)

function readOrRefused(text: string): boolean {
  try {
    return Array.isArray(parseRcloneConfig(text))
  } catch (error) {
    return StorageError.is(error)
  }
}

describe('a configuration of rclone', () => {
  it('is sections of keys and values', () => {
    const text = `# made by hand
[minio]
type = s3
endpoint = http://127.0.0.1:9000
; a comment
secret_access_key = a=b:c#d;e

[my drive]\r
type = drive\r
token = {"access_token":"x = y","expiry":"2030-01-01T00:00:00Z"}\r
empty =\r
`
    expect(read(text)).toEqual([
      ['minio', { type: 's3', endpoint: 'http://127.0.0.1:9000', secret_access_key: 'a=b:c#d;e' }],
      ['my drive', { type: 'drive', token: '{"access_token":"x = y","expiry":"2030-01-01T00:00:00Z"}', empty: '' }],
    ])
  })

  it('may quote what holds special characters', () => {
    expect(read('[a]\n`odd=key` = `value `\nother = """x`y"""')).toEqual([['a', { 'odd=key': 'value ', other: 'x`y' }]])
  })

  it('is refused when it is encrypted, with what to do', () => {
    const text = '# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nAbCd\n'
    expect(() => parseRcloneConfig(text)).toThrow('rclone config show')
  })

  it('is refused where it is none, without repeating a line that may be a secret', () => {
    for (const text of ['type = s3', '[a]\nmarker-secret']) {
      expect(() => parseRcloneConfig(text)).toThrow(/^line \d is not 'key = value'$/)
    }
  })

  it('is read or refused, whatever it is', () => {
    const piece = fc.constantFrom('[', ']', '=', ':', '`', '"""', '\n', '#', ' ', 'a', 'type')
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(readOrRefused(pieces.join(''))).toBe(true)
      }),
    )
  })
})
