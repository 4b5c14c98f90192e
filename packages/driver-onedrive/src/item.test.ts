import { describe, expect, it } from 'vitest'
import { driveItem } from './drive-item.ts'
import { itemOf } from './item.ts'
import type { OneDriveOptions } from './options.ts'

const item = (found: object, hash_type: OneDriveOptions['hash_type'] = 'auto') =>
  itemOf(driveItem.parse({ id: 'i', name: 'n', ...found }), 'd', { hash_type })

const hashes = {
  quickXorHash: 'AQIDBAUGBwgJCgsMDQ4PEBESExQ=',
  sha1Hash: 'ABCD',
  sha256Hash: 'EF01',
  crc32Hash: '0A0B0C0D',
}

describe('an item', () => {
  it('is a file with its time by the clients, not that of the service', () => {
    const found = item({
      size: 5,
      eTag: '"{A},2"',
      lastModifiedDateTime: '2020-01-01T00:00:00Z',
      fileSystemInfo: { lastModifiedDateTime: '2010-01-01T00:00:00.25Z' },
      file: { mimeType: 'text/plain', hashes },
    })
    expect(found).toMatchObject({ id: 'd#i', own: { drive: 'd', item: 'i' }, isNotebook: false, isInfected: false })
    expect(found.facts).toEqual({
      kind: 'file',
      name: 'n',
      size: 5,
      etag: '"{A},2"',
      modified: Date.UTC(2010, 0, 1, 0, 0, 0, 250),
      contentType: 'text/plain',
      hashes: { quickxor: '0102030405060708090a0b0c0d0e0f1011121314' },
    })
  })

  it.each([
    ['quickxor', { quickxor: '0102030405060708090a0b0c0d0e0f1011121314' }],
    ['sha1', { sha1: 'abcd' }],
    ['sha256', { sha256: 'ef01' }],
    ['crc32', { crc32: '0a0b0c0d' }],
    ['none', undefined],
  ] as const)('tells with hash_type %s that digest only', (type, expected) => {
    expect(item({ file: { hashes } }, type).facts).toMatchObject({ kind: 'file', hashes: expected })
    expect(item({ file: {} }, type).facts).not.toHaveProperty('hashes.sha1')
  })

  it('has its etag in quotes, be it told with them or without', () => {
    expect(item({ eTag: 'aRjRD' })).toMatchObject({ eTag: 'aRjRD', facts: { etag: '"aRjRD"' } })
    expect(item({ eTag: '"x"' })).toMatchObject({ eTag: '"x"', facts: { etag: '"x"' } })
  })

  it('of others leads to where it is, and stands where it was found', () => {
    const remoteItem = { id: 'r', size: 7, folder: { childCount: 3 }, parentReference: { driveId: 'other' } }
    expect(item({ size: 0, remoteItem })).toMatchObject({
      id: 'other#r',
      own: { drive: 'd', item: 'i' },
      facts: { kind: 'directory', name: 'n', children: 3 },
    })
  })

  it('is told to be a notebook, and to be infected', () => {
    expect(item({ package: { type: 'oneNote' } })).toMatchObject({ isNotebook: true, facts: { kind: 'file' } })
    expect(item({ malware: { description: 'x' } })).toMatchObject({ isInfected: true })
  })
})
