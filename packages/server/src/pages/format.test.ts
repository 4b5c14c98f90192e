import { expect, test } from 'vitest'
import { count, exactSize, humanSize, isoTime, shortTime, shownName } from './format.ts'

test('sizes are short, with one digit where it helps', () => {
  expect([0, 1, 999, 1000, 4321, 99_949, 999_499, 999_500, 128_000_000, 5.5e18].map(humanSize)).toEqual([
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1.0 KB',
    '4.3 KB',
    '99.9 KB',
    '999 KB',
    '1.0 MB',
    '128 MB',
    '5.5 EB',
  ])
})

test('exact sizes and counts are grouped and agree in number', () => {
  expect(exactSize(1)).toBe('1 byte')
  expect([999, 1000, 12_345, 1_234_567].map(exactSize)).toEqual([
    '999 bytes',
    '1,000 bytes',
    '12,345 bytes',
    '1,234,567 bytes',
  ])
  expect(count(1, 'file', 'files')).toBe('1 file')
  expect(count(2000, 'file', 'files')).toBe('2,000 files')
})

test('times are in UTC, to the minute, and years of any length are kept', () => {
  expect(shortTime(Date.UTC(2026, 10, 21, 9, 5, 59))).toBe('2026-11-21 09:05')
  expect(shortTime(-62_198_755_200_000)).toBe('-000001-01-01 00:00')
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z')
  expect(isoTime(Number.NaN)).toBeUndefined()
  expect(shortTime(1e300)).toBeUndefined()
})

test('control characters and marks of direction are made visible, everything else is left alone', () => {
  expect(shownName('a\nb\u007f')).toBe('a␊b␡')
  expect(shownName('photo\u202Egpj.exe')).toBe('photo\uFFFDgpj.exe')
  expect(shownName('שלום 👩‍👩‍👧 é')).toBe('שלום 👩‍👩‍👧 é')
})
