import { describe, expect, it } from 'vitest'
import { hashesOf, isDocument, itemOf, readFacts } from './facts.ts'
import { fieldsOf, resource, timeText } from './resource.ts'

const showing = {
  use_created_date: false,
  use_shared_date: false,
  size_as_quota: false,
  skip_checksum_gphotos: false,
  metadata_owner: { read: true, write: false, failok: false },
}

const told = {
  id: '1',
  name: 'a/b.txt',
  mimeType: 'text/plain',
  size: '12',
  quotaBytesUsed: '100',
  md5Checksum: 'D41D8CD98F00B204E9800998ECF8427E',
  sha1Checksum: 'nonsense',
  headRevisionId: 'rev',
  createdTime: '2020-01-01T00:00:00.000Z',
  modifiedTime: '2021-01-01T00:00:00.123Z',
  sharedWithMeTime: '2022-01-01T00:00:00.000Z',
  owners: [{ me: true, emailAddress: 'ada@example.com' }],
  spaces: ['drive', 'photos'],
}
const file = resource.parse(told)

describe('what a file is shown as', () => {
  it('is what the vendor tells of it', () => {
    expect(itemOf(showing, file).facts).toEqual({
      kind: 'file',
      name: 'a/b.txt',
      size: 12,
      modified: Date.UTC(2021, 0, 1, 0, 0, 0, 123),
      owner: 'ada@example.com',
      etag: '"rev"',
      contentType: 'text/plain',
      hashes: { md5: 'd41d8cd98f00b204e9800998ecf8427e' },
    })
  })

  it.each([
    [{ use_created_date: true, use_shared_date: true }, { modified: Date.UTC(2020, 0, 1) }],
    [{ use_shared_date: true }, { modified: Date.UTC(2022, 0, 1) }],
    [{ size_as_quota: true }, { size: 100 }],
  ])('goes by %j', (options, facts) => {
    expect(itemOf({ ...showing, ...options }, file).facts).toMatchObject(facts)
  })

  it('has no owner, no hashes of photos, where that is wanted', () => {
    const options = {
      ...showing,
      skip_checksum_gphotos: true,
      metadata_owner: { read: false, write: true, failok: false },
    }
    const { facts } = itemOf(options, file)
    expect(['owner' in facts, 'hashes' in facts]).toEqual([false, false])
    expect(hashesOf(options, { ...file, spaces: ['drive'] })).toHaveProperty('md5')
  })

  it('has its own size when it is read', () => {
    const options = { ...showing, size_as_quota: true }
    expect(readFacts(options, itemOf(options, file))).toMatchObject({ size: 12, name: 'a/b.txt' })
  })

  it('has an etag that changes with the bytes, and a weak one where nothing tells that', () => {
    const { headRevisionId: _head, ...bare } = file
    expect(itemOf(showing, bare).facts).toMatchObject({ etag: '"D41D8CD98F00B204E9800998ECF8427E"' })
    expect(itemOf(showing, { ...bare, md5Checksum: undefined }).facts).toMatchObject({ etag: 'W/"1609459200123-12"' })
  })
})

describe('Google documents', () => {
  const document = resource.parse({ ...told, name: 'Plan', mimeType: 'application/vnd.google-apps.document' })
  const plain = { ...document, md5Checksum: undefined, webViewLink: 'https://docs.google.com/d/1' }

  it('are told by their type, also where they report a size, but not where they have bytes', () => {
    expect(isDocument(plain)).toBe(true)
    expect(isDocument(document)).toBe(false)
    expect(isDocument({ ...plain, mimeType: 'application/vnd.google-apps.folder' })).toBe(false)
  })

  it('have the ending of their export, and neither a size nor hashes', () => {
    const format = { kind: 'export', extension: 'pdf', type: 'application/pdf' } as const
    const { facts } = itemOf(showing, plain, { format })
    expect(facts).toMatchObject({ name: 'Plan.pdf', contentType: 'application/pdf', etag: 'W/"1609459200123-pdf"' })
    expect(['size' in facts, 'hashes' in facts]).toEqual([false, false])
  })

  it('have the size of the link that they are shown as', () => {
    const { facts } = itemOf(showing, plain, { format: { kind: 'link', extension: 'url' } })
    expect(facts).toMatchObject({
      name: 'Plan.url',
      size: '[InternetShortcut]\r\nURL=https://docs.google.com/d/1\r\n'.length,
    })
  })
})

describe('shortcuts', () => {
  it('have their own name and the rest of what they lead to', () => {
    const shortcut = { ...file, id: 's', name: 'short', mimeType: 'application/vnd.google-apps.shortcut' }
    expect(itemOf(showing, file, { shortcut })).toMatchObject({ id: '1', facts: { name: 'short', size: 12 } })
    const folder = { ...file, id: 'f', mimeType: 'application/vnd.google-apps.folder' }
    expect(itemOf(showing, folder, { shortcut }).facts).toMatchObject({ kind: 'directory', symlinkTarget: 'f' })
    expect(itemOf(showing, folder).facts).not.toHaveProperty('symlinkTarget')
  })
})

describe('what is asked of a file', () => {
  it('is no more than somebody wants to know', () => {
    const least = fieldsOf({ owners: false, spaces: false, quota: false, links: false, exports: false })
    expect(least).not.toMatch(/owners|spaces|quotaBytesUsed|webViewLink|exportLinks/)
    expect(fieldsOf({ owners: true, spaces: true, quota: true, links: true, exports: true })).toMatch(
      /quotaBytesUsed.*webViewLink,exportLinks.*owners\(.*spaces/,
    )
  })
})

describe('times', () => {
  it('are written to the millisecond, as far as they can be', () => {
    expect(timeText(1_609_459_200_123.9)).toBe('2021-01-01T00:00:00.123Z')
    expect(timeText(8.64e15 + 1)).toBeUndefined()
    expect(timeText(-1e14)).toBeUndefined()
    expect(timeText(undefined)).toBeUndefined()
  })
})
