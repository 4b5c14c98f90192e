import { describe, expect, it } from 'vitest'
import { resourceKeys } from './resource-keys.ts'

describe('resource keys', () => {
  it('go with the calls that touch their files, and with no others', () => {
    const keys = resourceKeys()
    keys.keep('a', '0-abc')
    keys.keep('b', undefined)
    keys.keep('c', 'bad\r\nheader')
    keys.keep('', 'x')
    expect(keys.headersFor(['a', 'b'])).toEqual({ 'x-goog-drive-resource-keys': 'a/0-abc' })
    expect(keys.headersFor(['b', 'c'])).toEqual({})
  })

  it('are forgotten before they are too many', () => {
    const keys = resourceKeys()
    for (let id = 0; id <= 10_000; id++) keys.keep(`id-${id}`, 'key')
    expect(keys.headersFor(['id-0'])).toEqual({})
    expect(keys.headersFor(['id-10000'])).toEqual({ 'x-goog-drive-resource-keys': 'id-10000/key' })
  })
})
