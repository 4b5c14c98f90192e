import { type Log, parsePath, type StorageDriver } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { names } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
let source: string
const other = 'ada@example.com'
const me = 'me@example.com'

beforeAll(async () => {
  service = await startDriveService()
  const { drive } = service
  drive.addLabel({ id: 'label', fields: { state: 'text', count: 'integer', who: 'user' } })
  source = drive.add({ name: 'source.txt', bytes: 'x' }).id
  drive.share(source, { email: other, role: 'commenter' })
  drive.share(source, { role: 'reader' })
  drive.notes(source).labels.set('label', {
    revisionId: '1',
    fields: {
      state: { type: 'text', values: ['draft'] },
      count: { type: 'integer', values: ['7'] },
      who: { type: 'user', values: [other] },
    },
  })
})
beforeEach(() => service.drive.forget())
afterAll(() => service.close())

const labelCalls = () => service.drive.count('files.listLabels') + service.drive.count('files.modifyLabels')

let copies = 0
/** Copies the source, and gives what the service knows of the copy. */
async function copied(driver: StorageDriver, from = 'source.txt') {
  const name = `copy-${++copies}.txt`
  await driver.copy?.(parsePath(from), { destination: parsePath(name) })
  return service.drive.notes(service.drive.tree.named(service.drive.user.root, name)[0]?.id ?? '')
}

function logged(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = []
  const add = (message: string) => void lines.push(message)
  return { log: { debug: () => {}, info: add, warn: add }, lines }
}

describe('a copy', () => {
  it('has nothing of its source but the bytes, unless that is wanted', async () => {
    const { permissions, owner } = await copied(await service.connect())
    expect([permissions, owner]).toEqual([[], me])
    expect(service.drive.count('permissions') + labelCalls()).toBe(0)
  })

  it.each(['write', 'read,write'])('is shared as its source is, with metadata_permissions %s', async (choice) => {
    const { permissions } = await copied(await service.connect({ metadata_permissions: choice }))
    expect(permissions.map(({ type, role, emailAddress = '' }) => `${type} ${role} ${emailAddress}`).sort()).toEqual([
      'anyone reader ',
      `user commenter ${other}`,
    ])
  })

  it.each(['write', 'read,write'])('has the labels of its source, with metadata_labels %s', async (choice) => {
    const { labels } = await copied(await service.connect({ metadata_labels: choice }))
    // The service takes some labels along by itself, as they are set up.
    expect(service.drive.count('files.modifyLabels')).toBe(1)
    expect(labels.get('label')?.fields).toMatchObject({
      state: { values: ['draft'] },
      count: { values: ['7'] },
      who: { values: [other] },
    })
  })

  it('belongs to whom its source belongs, with metadata_owner read,write', async () => {
    const file = service.drive.add({ name: 'hers.txt', bytes: 'x', owner: other, parent: null })
    service.drive.share(file.id, { email: me, role: 'writer' })
    service.drive.add({ name: 'to hers.txt', shortcutTo: file.id })
    const driver = await service.connect({ metadata_owner: 'read,write', copy_shortcut_content: true })
    expect(await copied(driver, 'to hers.txt')).toMatchObject({ owner: other })
    const usual = await service.connect({ copy_shortcut_content: true })
    expect(await copied(usual, 'to hers.txt')).toMatchObject({ owner: me })
  })

  it('tells the log what it lacks, where that is only read', async () => {
    const { log, lines } = logged()
    const driver = await service.connect({ metadata_permissions: 'read', metadata_labels: 'read' }, { log })
    const { permissions } = await copied(driver)
    expect([permissions.length, service.drive.count('files.modifyLabels')]).toEqual([0, 0])
    expect(lines).toEqual([
      'metadata_permissions: the permissions of what was copied were not carried over, as write is not among them.',
      'metadata_labels: the labels of what was copied were not carried over, as write is not among them.',
    ])
  })

  it('that cannot get them fails and goes away, or with failok only tells the log', async () => {
    service.drive.fail({ call: 'permissions.create', reason: 'sharingRateLimitExceeded' })
    const strict = await service.connect({ metadata_permissions: 'write' })
    await expect(
      strict.copy?.(parsePath('source.txt'), { destination: parsePath('failed.txt') }),
    ).rejects.toMatchObject({ code: 'Throttled' })
    expect(await names(strict)).not.toContain('failed.txt')

    service.drive.fail({ call: 'permissions.create', reason: 'sharingRateLimitExceeded' })
    const { log, lines } = logged()
    await copied(await service.connect({ metadata_permissions: 'write,failok' }, { log }))
    expect(lines).toEqual(['metadata_permissions: the copy did not get the permissions of its source.'])
  })
})

describe('a file that is moved or replaced', () => {
  it('keeps whom it is shared with, and its labels', async () => {
    const driver = await service.connect()
    await driver.move?.(parsePath('source.txt'), { destination: parsePath('moved/source.txt') })
    await driver.write?.(parsePath('moved/source.txt'), { body: new Blob(['new']).stream() })
    const { permissions, labels } = service.drive.notes(source)
    expect([permissions.length, labels.size]).toEqual([2, 1])
    await driver.move?.(parsePath('moved/source.txt'), { destination: parsePath('source.txt') })
  })
})
