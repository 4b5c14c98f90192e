import { parsePath } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { parseState, type UploadState } from './upload-state.ts'

const state: UploadState = {
  id: 'a'.repeat(32),
  kind: 'whole',
  target: { backend: 'local', path: parsePath('a/b.txt'), modified: 5 },
  length: 10,
  offset: 3,
  metadata: 'path YS9iLnR4dA==',
  conditions: { 'if-none-match': '*' },
  place: '/served/.filegate-0123456789abcdef.part',
  expires: 1000,
}

describe('what is kept of an upload', () => {
  it('is read as it was written', () => {
    expect(parseState(JSON.stringify(state))).toEqual(state)
  })

  it.each(['', '\0\0\0', '{', 'null', '[]', '{}', JSON.stringify({ ...state, offset: '3' })])(
    'is nothing once it is damaged: %j',
    (text) => {
      expect(parseState(text)).toBeUndefined()
    },
  )
})
