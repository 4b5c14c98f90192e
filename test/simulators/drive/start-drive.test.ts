import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SimulatedDrive, startDrive } from './start-drive.ts'
import { clientOf, type DriveClient, refusalOf } from './testing-client.ts'

const folderType = 'application/vnd.google-apps.folder'

describe('the simulator of Google Drive, asked by the vendor’s client', () => {
  let service: SimulatedDrive
  let client: DriveClient

  beforeEach(async () => {
    service = await startDrive()
    client = clientOf(service)
  })
  afterEach(() => service.close())

  it('creates folders and files, lists them, and reads them whole and in part', async () => {
    const folder = await client.files.create({ requestBody: { name: 'a/b', mimeType: folderType } })
    const file = await client.files.create({
      requestBody: { name: 'c.txt', parents: [folder.data.id ?? ''], modifiedTime: '2020-01-02T03:04:05.678Z' },
      media: { mimeType: 'text/plain', body: 'hello world' },
      fields: 'id,size,md5Checksum,sha1Checksum,sha256Checksum,modifiedTime,parents,mimeType,quotaBytesUsed,ownedByMe',
    })
    expect(file.data).toEqual({
      id: expect.any(String),
      size: '11',
      md5Checksum: '5eb63bbbe01eeed093cb22bb8f5acdc3',
      sha1Checksum: '2aae6c35c94fcfb415dbe95f408b9ce91ee846ed',
      sha256Checksum: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
      modifiedTime: '2020-01-02T03:04:05.678Z',
      parents: [folder.data.id],
      mimeType: 'text/plain',
      quotaBytesUsed: '11',
      ownedByMe: true,
    })
    const listed = await client.files.list({ q: `'${folder.data.id}' in parents and trashed = false` })
    expect(listed.data).toEqual({
      kind: 'drive#fileList',
      incompleteSearch: false,
      files: [{ kind: 'drive#file', id: file.data.id, name: 'c.txt', mimeType: 'text/plain' }],
    })
    const fileId = file.data.id ?? ''
    const whole = await client.files.get({ fileId, alt: 'media' }, { responseType: 'text' })
    expect(whole.data).toBe('hello world')
    const part = await client.files.get(
      { fileId, alt: 'media' },
      { responseType: 'text', headers: { Range: 'bytes=6-9' } },
    )
    expect([part.status, part.data]).toEqual([206, 'worl'])
  })
})

describe('requests that are refused', () => {
  it('', async () => {
    const service = await startDrive()
    try {
      expect(await refusalOf(clientOf(service, 'wrong').files.list())).toMatchObject({
        status: 401,
        reason: 'authError',
      })
    } finally {
      await service.close()
    }
  })
})
