import { type Log, parsePath } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { names, textAt, walked } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
const path = parsePath('folder/file.txt')
const other = 'ada@example.com'

beforeAll(async () => {
  service = await startDriveService()
  const { drive } = service
  drive.addLabel({ id: 'label', fields: { state: 'text', who: 'user' } })
  const folder = drive.add({ kind: 'folder', name: 'folder' })
  drive.share(folder.id, { email: 'folder@example.com', role: 'reader' })
  const { id } = drive.add({ name: 'file.txt', parent: folder.id, bytes: 'x' })
  drive.share(id, { email: other, role: 'commenter' })
  drive.share(id, { role: 'reader' })
  drive.notes(id).labels.set('label', {
    revisionId: '1',
    fields: { state: { type: 'text', values: ['draft'] }, who: { type: 'user', values: [other] } },
  })
  drive.add({ name: 'bare.txt' })
  const hers = drive.add({ name: 'hers.txt', owner: other, parent: null })
  drive.share(hers.id, { email: drive.user.email, role: 'reader' })
  drive.add({ name: 'to hers.txt', shortcutTo: hers.id })
})
beforeEach(() => service.drive.forget())
afterAll(() => service.close())

const calls = () => [service.drive.count('permissions.list'), service.drive.count('files.listLabels')]
const read = { metadata_permissions: 'read', metadata_labels: 'read' }

async function metadata(options: Readonly<Record<string, unknown>>, at = path) {
  const { metadata: found = {} } = await (await service.connect(options)).stat(at)
  return Object.fromEntries(Object.entries(found).map(([name, text]) => [name, JSON.parse(text)]))
}

describe('what is read of a file besides', () => {
  it.each([{}, { metadata_permissions: 'write,failok', metadata_labels: 'write' }])(
    'is nothing with %j',
    async (given) => {
      const driver = await service.connect(given)
      expect(await driver.stat(path)).not.toHaveProperty('metadata')
      expect(calls()).toEqual([0, 0])
    },
  )

  it('is with whom it is shared, but neither its owner nor whom its folder is shared with', async () => {
    const { permissions, ...rest } = await metadata({ metadata_permissions: 'read' })
    expect(permissions).toHaveLength(2)
    expect(permissions).toEqual(
      expect.arrayContaining([
        { type: 'user', role: 'commenter', emailAddress: other },
        expect.objectContaining({ type: 'anyone', role: 'reader' }),
      ]),
    )
    expect(rest).toEqual({})
    expect(calls()).toEqual([1, 0])
  })

  it('is its labels, with what their fields say', async () => {
    expect(await metadata({ metadata_labels: 'read,write' })).toEqual({
      labels: [{ id: 'label', fields: { state: { text: ['draft'] }, who: { user: [{ emailAddress: other }] } } }],
    })
    expect(calls()).toEqual([0, 1])
  })

  it('is an empty list where there is nothing', async () => {
    expect(await metadata(read, parsePath('bare.txt'))).toEqual({ permissions: [], labels: [] })
  })

  it('takes one call each for a file or folder that is looked up, and none for listings, walks and reads', async () => {
    const driver = await service.connect(read)
    await names(driver, 'folder')
    await walked(driver)
    expect(await textAt(driver, path)).toBe('x')
    expect(calls()).toEqual([0, 0])
    expect((await driver.stat(parsePath('folder'))).metadata?.permissions).toContain('folder@example.com')
    expect(calls()).toEqual([1, 1])
  })

  it('fails the look-up where the account may not see it, or with failok only tells the log', async () => {
    const at = parsePath('to hers.txt')
    await expect(metadata(read, at)).rejects.toMatchObject({ code: 'AccessDenied' })
    const lines: string[] = []
    const log: Log = { debug: () => {}, info: () => {}, warn: (message) => void lines.push(message) }
    const driver = await service.connect({ ...read, metadata_permissions: 'read,failok' }, { log })
    expect(await driver.stat(at)).toMatchObject({ name: 'to hers.txt', metadata: { labels: '[]' } })
    expect(lines).toEqual(['metadata_permissions: the permissions of a file could not be read.'])
  })

  it('is not taken for told where the caller has gone', async () => {
    const driver = await service.connect({ metadata_permissions: 'read,failok' })
    const leaving = new AbortController()
    leaving.abort()
    await expect(driver.stat(path, { signal: leaving.signal })).rejects.toMatchObject({ code: 'Aborted' })
  })
})
