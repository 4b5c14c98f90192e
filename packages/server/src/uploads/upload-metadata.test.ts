import { StorageError } from '@filegate/core'
import { assert, property, uint8Array, string, array, tuple, constantFrom, uniqueArray, oneof } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metadataText, parseMetadata } from './upload-metadata.ts'
import { targetOf } from './upload-target.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const header = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} ${base64(value)}`)
    .join(',')
const target = (values: Record<string, string>) => targetOf(parseMetadata(header(values)))

/** What something gives or throws. */
function outcome(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

const keyCharacters = 'abcXYZ019-_.!#/=;:+"'.split('')
const keys = array(constantFrom(...keyCharacters), { minLength: 1, maxLength: 12 }).map((all) => all.join(''))

describe('Upload-Metadata', () => {
  it('gives back the bytes of each value', () => {
    const pairs = uniqueArray(tuple(keys, uint8Array({ maxLength: 40 })), { selector: ([key]) => key, maxLength: 8 })
    assert(
      property(pairs, (all) => {
        const text = all.map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`.trim()).join(',')
        const parsed = [...parseMetadata(text)].map(([key, value]) => [key, [...value]])
        expect(parsed).toEqual(all.map(([key, value]) => [key, [...value]]))
      }),
    )
  })

  it('takes any other text as a whole or refuses it as a wrong argument', () => {
    const texts = oneof(string(), string({ unit: constantFrom(...'ab=, Zg+/\n\r\0é'.split('')) }))
    assert(
      property(texts, (text) => {
        const keys = outcome(() => [...parseMetadata(text).keys()])
        // What is taken goes back into a header.
        const isFit = Array.isArray(keys) && keys.every((key) => /^[\x21-\x7e]+$/.test(key))
        expect(isFit || StorageError.is(keys, 'InvalidArgument')).toBe(true)
      }),
    )
  })

  it.each(['a YQ==,a YQ==', 'a Y', 'a ***', ',', 'a YQ==,', 'ä YQ=='])('refuses %j', (text) => {
    expect(() => parseMetadata(text)).toThrow('Upload-Metadata')
  })

  it('takes keys without a value, and values without padding', () => {
    const parsed = parseMetadata('is_confidential, filename YQ')
    expect(metadataText(parsed, 'filename')).toBe('a')
    expect(metadataText(parsed, 'is_confidential')).toBeUndefined()
  })

  it('refuses text that is no UTF-8', () => {
    expect(() => targetOf(parseMetadata('path /w=='))).toThrow('UTF-8')
  })
})

describe('the place that metadata name', () => {
  it.each([
    [{ path: 'a/b.txt' }, 'a/b.txt'],
    [{ path: '/a/b.txt' }, 'a/b.txt'],
    [{ filename: 'b.txt' }, 'b.txt'],
    [{ filename: 'b.txt', directory: '/a/c/' }, 'a/c/b.txt'],
    [{ path: 'ä ö/ü.txt', filename: 'other' }, 'ä ö/ü.txt'],
  ])('is, with %o, %s', (values, path) => {
    expect(target(values)).toMatchObject({ backend: 'local', path })
  })

  it.each([
    { path: '../a' },
    { path: 'a/../../b' },
    { path: '/' },
    { path: 'a/' },
    { path: 'a\0b' },
    { path: 'n'.repeat(256) },
    { path: 'a/.filegate-0123456789abcdef.part/b' },
    { filename: 'a/b' },
    { filename: '..' },
    { filename: 'a', directory: '..' },
    { path: 'a', directory: 'b' },
    { path: 'a', mtime: 'yesterday' },
    { path: 'a', mtime: '99999999999999' },
    { path: 'a', mtime: '2026-01-31' },
  ])('is none with %o', (values) => {
    expect(() => target(values)).toThrow(StorageError)
  })

  it('is not there when nothing names it', () => {
    expect(target({ other: 'a' })).toBeUndefined()
    expect(target({ path: '' })).toBeUndefined()
  })

  it('never leaves the served folder', () => {
    assert(
      property(
        string({ unit: constantFrom(...'./a\\\0~'.split('')) }),
        string({ unit: constantFrom(...'./a'.split('')) }),
        (one, other) => {
          for (const values of [{ path: one }, { filename: one, directory: other }]) {
            const found = outcome(() => target(values)?.path ?? '')
            const isInside = typeof found === 'string' && !found.split('/').includes('..')
            expect(isInside || StorageError.is(found)).toBe(true)
          }
        },
      ),
    )
  })

  it('takes times in Unix seconds and as in RFC 3339', () => {
    const modified = 1_600_000_000_500
    expect(target({ path: 'a', mtime: '1600000000.5' })).toMatchObject({ modified })
    expect(target({ path: 'a', mtime: new Date(modified).toISOString() })).toMatchObject({ modified })
  })

  it('leaves out what is no media type', () => {
    expect(target({ path: 'a', filetype: 'text/plain' })).toMatchObject({ contentType: 'text/plain' })
    expect(target({ path: 'a', filetype: 'a\r\nb: c' })?.contentType).toBeUndefined()
  })
})
