import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { packAll } from './large-folders.ts'
import { pathItem, type Row } from './row.ts'
import { type ListingExtras, type ListingFacts, listingJson } from './write-json.ts'

const facts: ListingFacts = {
  allow_archive: true,
  allow_delete: false,
  allow_search: true,
  allow_upload: false,
  auth: true,
  dir_exists: true,
  href: '/some "folder"',
  kind: 'Index',
  uri_prefix: '/api/v1/files',
  user: 'ann',
}

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u007f', '\ud800', '\udc00', 'ü', '😀'), maxLength: 12 }),
)
const rows = fc.array(
  fc.record({
    name: names.map((name) => name.replaceAll('\0', '')),
    type: fc.constantFrom('File', 'Dir', 'SymlinkFile', 'SymlinkDir'),
    size: fc.option(fc.maxSafeNat()),
    mtime: fc.option(fc.maxSafeInteger()),
  }),
  { maxLength: 700, size: 'max' },
)

const jsonOf = (list: readonly Row[], extras?: ListingExtras): string =>
  Buffer.concat([...listingJson(facts, packAll(list), extras)]).toString()

function expected(list: readonly Row[], revisions?: ReadonlyMap<string, number>): string {
  const { uri_prefix, user, ...before } = facts
  return `${JSON.stringify({ ...before, paths: list.map((row) => pathItem(row, revisions?.get(row.name) ?? null)), uri_prefix, user })}\n`
}

test('the bytes are what JSON.stringify makes of the same items, whatever they are called', () => {
  fc.assert(
    fc.property(rows, (list) => {
      expect(jsonOf(list)).toBe(expected(list))
    }),
    { numRuns: 60 },
  )
})

test('how often a file has changed stands there where that is counted', () => {
  fc.assert(
    fc.property(rows, fc.array(fc.nat()), (list, counts) => {
      const revisions = new Map(list.slice(0, counts.length).map(({ name }, at) => [name, counts[at] ?? 0]))
      expect(jsonOf(list, { revisions })).toBe(expected(list, revisions))
    }),
    { numRuns: 20 },
  )
})

test('names as long as a backend may have them find room', () => {
  const list = ['\u0001'.repeat(20_000), 'short', '😀'.repeat(40_000), ''].map(
    (name): Row => ({ name, type: 'SymlinkFile', size: Number.MAX_SAFE_INTEGER, mtime: -8.64e15 }),
  )
  expect(jsonOf(list) === expected(list)).toBe(true)
})

test('a part of a directory says in one more key, at the end, where the next begins', () => {
  expect(jsonOf([], { next: 'abc' })).toMatch(
    /"paths":\[\],"uri_prefix":"\/api\/v1\/files","user":"ann","next_after":"abc"}\n$/,
  )
  expect(jsonOf([], { next: null })).toMatch(/"user":"ann","next_after":null}\n$/)
})

test('a large directory comes in chunks of bounded size', () => {
  const list = Array.from(
    { length: 20_000 },
    (_, at): Row => ({ name: `file-${at}`, type: 'File', size: at, mtime: at }),
  )
  const sizes = [...listingJson(facts, packAll(list))].map(({ length }) => length)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536)
  expect(sizes.length).toBeGreaterThan(10)
})
