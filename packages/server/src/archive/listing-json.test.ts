import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Archive, ArchiveEntry } from './archive.ts'
import { ListingJson } from './listing-json.ts'

type Kind = Pick<Archive, 'format' | 'packedSize'>

const written = (entries: Iterable<ArchiveEntry>, { format, packedSize }: Kind): unknown => {
  const listing = new ListingJson()
  for (const entry of entries) listing.add(entry)
  const refuse = (): never => {
    throw new Error('Nothing is read here.')
  }
  return JSON.parse(Buffer.concat(listing.finish({ format, packedSize, list: refuse, open: refuse }).chunks).toString())
}

const entry: ArchiveEntry = {
  path: 'file',
  type: 'file',
  size: 5,
  compressedSize: 3,
  modified: 1,
  mode: 0o644,
  linkTarget: null,
  encrypted: false,
}

const maybe = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null })
const anyEntry: fc.Arbitrary<ArchiveEntry> = fc.record({
  path: fc.string({ unit: 'binary' }),
  type: fc.constantFrom('file', 'directory', 'symlink', 'hardlink', 'other'),
  size: fc.maxSafeNat(),
  compressedSize: maybe(fc.maxSafeNat()),
  modified: maybe(fc.maxSafeInteger()),
  mode: maybe(fc.nat({ max: 0o7777 })),
  linkTarget: maybe(fc.string({ unit: 'binary' })),
  encrypted: fc.boolean(),
})

const shown = ({ path, type, size, compressedSize, modified, mode, linkTarget }: ArchiveEntry) => ({
  path,
  size,
  is_dir: type === 'directory',
  compressed_size: compressedSize,
  modified_time: modified,
  permissions: mode === null ? null : mode.toString(8).padStart(4, '0'),
  entry_type: type,
  link_target: linkTarget,
})

describe('the listing of an archive', () => {
  it('is JSON of the same entries, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(anyEntry), (entries) => {
        expect(written(entries, { format: 'tar', packedSize: null })).toHaveProperty('entries', entries.map(shown))
      }),
    )
  })

  it('adds up files and sizes, the packed one as the format knows it', () => {
    const entries = [entry, { ...entry, type: 'directory', size: 0, compressedSize: null }, entry] as const
    const totals = { total_files: 2, total_size: 10, truncated: false }
    expect(written(entries, { format: 'zip', packedSize: undefined })).toMatchObject({
      ...totals,
      total_compressed_size: 6,
    })
    expect(written(entries, { format: 'tar', packedSize: null })).toMatchObject({
      ...totals,
      total_compressed_size: null,
    })
    expect(written(entries, { format: '7z', packedSize: 77 })).toMatchObject({ ...totals, total_compressed_size: 77 })
  })

  it('names 100,000 entries and counts the others', () => {
    const entries = Array.from({ length: 100_001 }, () => entry)
    const listing = written(entries, { format: 'zip', packedSize: undefined })
    expect(listing).toMatchObject({ total_files: 100_001, truncated: true })
    expect(listing).toHaveProperty('entries.length', 100_000)
  })

  it('stays bounded where names are long', () => {
    const long = { ...entry, path: '\u0001'.repeat(1 << 20) }
    expect(
      written(
        Array.from({ length: 30 }, () => long),
        { format: 'tar', packedSize: null },
      ),
    ).toMatchObject({
      total_files: 30,
      truncated: true,
    })
  })
})
