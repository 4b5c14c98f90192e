import { parsePath } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { names, put, textAt, told, walked } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
beforeAll(async () => {
  service = await startDriveService()
})
beforeEach(() => service.drive.forget())
afterAll(() => service.close())

const entry = async (options: Readonly<Record<string, unknown>>, path: string) =>
  (await service.connect(options)).stat(parsePath(path))

describe('what is shown of a file', () => {
  it('is the date that the options choose', async () => {
    const [created, modified] = [Date.UTC(2020, 0, 1), Date.UTC(2021, 0, 1)]
    service.drive.add({ name: 'dated.txt', created, modified })
    expect(await entry({}, 'dated.txt')).toMatchObject({ modified })
    expect(await entry({ use_created_date: true }, 'dated.txt')).toMatchObject({ modified: created })
    const driver = await service.connect({ use_created_date: true })
    expect('setModified' in driver).toBe(false)
    expect(driver.traits.modifiedPrecision).toBeUndefined()
    expect(await put(driver, 'made.txt', 'x', { modified: created })).toMatchObject({ modified: created })
    // Not shared with anybody, so that date is not there.
    expect(await entry({ use_shared_date: true }, 'dated.txt')).toMatchObject({ modified })
  })

  it('is what it takes of the quota with size_as_quota, and its own size when it is read', async () => {
    const driver = await service.connect({ size_as_quota: true, keep_revision_forever: true })
    await put(driver, 'kept.txt', 'first')
    await put(driver, 'kept.txt', 'second!')
    const { entry: read } = await driver.read(parsePath('kept.txt'))
    expect(read.size).toBe(7)
    expect((await entry({}, 'kept.txt')).kind === 'file').toBe(true)
    const fields = told(service.drive, 'files.list', 'fields')
    expect(fields.some((text) => text?.includes('quotaBytesUsed'))).toBe(true)
    expect(await entry({ size_as_quota: true }, 'kept.txt')).toMatchObject({ size: expect.any(Number) })
  })

  it('is its owner, unless metadata_owner is off', async () => {
    service.drive.add({ name: 'owned.txt' })
    expect(await entry({}, 'owned.txt')).toMatchObject({ owner: service.drive.user.email })
    expect(await entry({ metadata_owner: 'off' }, 'owned.txt')).not.toHaveProperty('owner')
  })

  it('is all its hashes, but none of photos with skip_checksum_gphotos', async () => {
    const photo = service.drive.add({ name: 'photo.jpg', bytes: 'x' })
    service.drive.add({ name: 'no photo.jpg', bytes: 'x' })
    // Searches do not find photos, but shortcuts lead to them.
    service.drive.add({ name: 'shortcut.jpg', shortcutTo: photo.id })
    service.drive.notes(photo.id).space = 'photos'
    const all = ['md5', 'sha1', 'sha256']
    const hashes = async (options: Readonly<Record<string, unknown>>, path: string) => {
      const found = await entry(options, path)
      return found.kind === 'file' ? Object.keys(found.hashes ?? {}) : []
    }
    expect(await hashes({}, 'shortcut.jpg')).toEqual(all)
    expect(await hashes({ skip_checksum_gphotos: true }, 'shortcut.jpg')).toEqual([])
    expect(await hashes({ skip_checksum_gphotos: true }, 'no photo.jpg')).toEqual(all)
  })

  it('is nothing, where it belongs to others, with auth_owner_only', async () => {
    const folder = service.drive.add({ kind: 'folder', name: 'mixed', owner: 'ada@example.com' })
    service.drive.share(folder.id, { email: service.drive.user.email, role: 'writer' })
    service.drive.add({ name: 'mine.txt', parent: folder.id })
    service.drive.add({ name: 'hers.txt', parent: folder.id, owner: 'ada@example.com' })
    service.drive.add({ kind: 'folder', name: 'her folder', parent: folder.id, owner: 'ada@example.com' })
    const at = { root_folder_id: folder.id }
    expect(await names(await service.connect(at))).toEqual(['her folder', 'hers.txt', 'mine.txt'])
    expect(await names(await service.connect({ ...at, auth_owner_only: true }))).toEqual(['her folder', 'mine.txt'])
  })
})

describe('names', () => {
  it('may hold slashes and be anything else', async () => {
    const folder = service.drive.add({ kind: 'folder', name: 'a/b' })
    service.drive.add({ name: '..', parent: folder.id, bytes: 'dots' })
    const driver = await service.connect()
    const { items } = await driver.list(parsePath(''))
    const path = items.find(({ name }) => name.includes('a') && name.includes('b') && name.length === 3)?.path ?? ''
    const [inside] = (await driver.list(parsePath(path))).items
    expect(await textAt(driver, inside?.path ?? '')).toBe('dots')
  })

  it('that a folder holds twice stand for the newest', async () => {
    const folder = service.drive.add({ kind: 'folder', name: 'twice' })
    for (const [bytes, created] of [
      ['old', 1000],
      ['new', 2000],
    ] as const) {
      service.drive.add({ name: 'same.txt', parent: folder.id, bytes, created })
    }
    const driver = await service.connect()
    expect(await names(driver, 'twice')).toEqual(['same.txt'])
    expect(await walked(driver, 'twice')).toEqual(['twice/same.txt'])
    expect(await textAt(driver, 'twice/same.txt')).toBe('new')
    await driver.remove?.(parsePath('twice/same.txt'))
    expect(await textAt(driver, 'twice/same.txt')).toBe('old')
  })
})

describe('a folder in the trash', () => {
  it('is not there, also for who knew it', async () => {
    const driver = await service.connect()
    await put(driver, 'known/inside/a.txt')
    await driver.list(parsePath('known/inside'))
    const { id = '' } = service.drive.tree.at(service.drive.user.root, ['known', 'inside']) ?? {}
    service.drive.tree.update(id, { trashed: true })
    await expect(driver.list(parsePath('known/inside'))).rejects.toMatchObject({ code: 'NotFound' })
  })
})

describe('listings', () => {
  it.each([
    [1000, '1000'],
    [100, '100'],
    [0, null],
  ])('ask for %i items with list_chunk', async (size, pageSize) => {
    const driver = await service.connect({ list_chunk: size })
    await driver.list(parsePath(''))
    expect(told(service.drive, 'files.list', 'pageSize')).toEqual([pageSize])
  })

  it('go on over many pages', async () => {
    const folder = service.drive.add({ kind: 'folder', name: 'many' })
    for (let each = 0; each < 250; each++) service.drive.add({ name: `${each}`, parent: folder.id })
    const driver = await service.connect({ list_chunk: 100 })
    expect(await names(driver, 'many')).toHaveLength(250)
    expect(await walked(driver, 'many')).toHaveLength(250)
    expect(await walked(driver, 'many', 60)).toHaveLength(250)
  })
})
