import { StorageError } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { parseConcat } from './upload-concat.ts'

const id = '0123456789abcdef0123456789abcdef'
const other = 'f'.repeat(32)
const parse = (text: string | undefined) => parseConcat(text, '/prefix/api/v1/uploads')

describe('Upload-Concat', () => {
  it('says what an upload is to become', () => {
    expect(parse(undefined)).toEqual({ kind: 'whole' })
    expect(parse('partial')).toEqual({ kind: 'partial' })
  })

  it.each([
    `final;/prefix/api/v1/uploads/${id} /prefix/api/v1/uploads/${other}`,
    `final; https://files.example/api/v1/uploads/${id}  http://127.0.0.1:5000/x/api/v1/uploads/${other}`,
    `final;${id} ${other}`,
  ])('takes absolute and relative URLs: %s', (text) => {
    expect(parse(text)).toEqual({ kind: 'final', parts: [id, other] })
  })

  it.each([
    '',
    'final',
    'final;',
    'final; ',
    `final;/elsewhere/${id}`,
    'final;/api/v1/uploads/x',
    'final;http://[',
    'whole',
  ])('refuses %j', (text) => {
    expect(() => parse(text)).toThrow(StorageError)
  })
})
