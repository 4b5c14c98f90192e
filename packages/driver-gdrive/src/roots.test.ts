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

describe('the root', () => {
  it('can be any folder', async () => {
    const folder = service.drive.add({ kind: 'folder', name: 'inner' })
    service.drive.add({ name: 'a.txt', parent: folder.id, bytes: 'inside' })
    const driver = await service.connect({ root_folder_id: folder.id })
    expect(await names(driver)).toEqual(['a.txt'])
    await put(driver, 'new/b.txt')
    expect(service.drive.tree.at(service.drive.user.root, ['inner', 'new', 'b.txt'])).toBeDefined()
  })

  it.each([
    ['root_folder_id', { root_folder_id: 'absent' }, /root_folder_id: there is no folder 'absent'/],
    ['team_drive', { team_drive: '0Anowhere' }, /team_drive: there is no shared drive '0Anowhere'/],
  ])('that is unknown is told by %s', async (_option, options, message) => {
    await expect(service.connect(options)).rejects.toThrow(message)
  })

  it('is no file', async () => {
    const file = service.drive.add({ name: 'file.txt' })
    await expect(service.connect({ root_folder_id: file.id })).rejects.toThrow(/is a file, and a folder is needed/)
  })

  it('is shared by a link with a key', async () => {
    const folder = service.drive.add({ kind: 'folder', name: 'linked', owner: 'eve@example.com' })
    const file = service.drive.add({ name: 'a.txt', parent: folder.id, bytes: 'keyed', owner: 'eve@example.com' })
    service.drive.share(folder.id, { role: 'reader', resourceKey: '0-key' })
    service.drive.share(file.id, { role: 'reader', resourceKey: '0-other' })
    await expect(service.connect({ root_folder_id: folder.id })).rejects.toThrow('root_folder_id')
    const driver = await service.connect({ root_folder_id: folder.id, resource_key: '0-key' })
    expect(await names(driver)).toEqual(['a.txt'])
    expect(await textAt(driver, 'a.txt')).toBe('keyed')
  })
})

describe('a shared drive', () => {
  it('is searched alone, written to, and has no quota', async () => {
    const { id } = service.drive.addDrive({ name: 'Team' })
    service.drive.add({ name: 'elsewhere.txt' })
    const driver = await service.connect({ team_drive: id })
    await put(driver, 'folder/a.txt', 'shared')
    expect(await names(driver)).toEqual(['folder'])
    expect(await walked(driver)).toEqual(['folder', 'folder/a.txt'])
    expect(await textAt(driver, 'folder/a.txt')).toBe('shared')
    expect(driver).not.toHaveProperty('about')
    expect(new Set(told(service.drive, 'files.list', 'driveId'))).toEqual(new Set([id]))
    expect(new Set(told(service.drive, 'files.list', 'corpora'))).toEqual(new Set(['drive']))
    await driver.copy?.(parsePath('folder'), { destination: parsePath('copy') })
    await driver.move?.(parsePath('copy'), { destination: parsePath('moved') })
    await driver.remove?.(parsePath('folder'))
    expect(await walked(driver)).toEqual(['moved', 'moved/a.txt'])
  })

  it('that is full says so', async () => {
    const { id } = service.drive.addDrive({ name: 'Small', fileLimit: 1 })
    const driver = await service.connect({ team_drive: id })
    await put(driver, 'a.txt')
    await expect(put(driver, 'b.txt')).rejects.toMatchObject({ code: 'NoSpace' })
  })
})

describe('the folder of the app', () => {
  it('is the root with the scope drive.appfolder', async () => {
    const token = JSON.stringify({ access_token: service.drive.issueToken(['drive.appdata']) })
    const driver = await service.connect({ scope: 'drive.appfolder', token })
    await put(driver, 'settings/a.json', '{}')
    expect(await walked(driver)).toEqual(['settings', 'settings/a.json'])
    expect(await textAt(driver, 'settings/a.json')).toBe('{}')
    expect(service.drive.tree.at(service.drive.user.appRoot, ['settings', 'a.json'])).toBeDefined()
    expect(new Set(told(service.drive, 'files.list', 'spaces'))).toEqual(new Set(['appDataFolder']))
  })
})

describe('what others share', () => {
  it('is shown at the root with shared_with_me, where nothing can be made', async () => {
    const other = 'ada@example.com'
    const folder = service.drive.add({ kind: 'folder', name: 'of ada', owner: other })
    const inside = service.drive.add({ name: 'inside.txt', parent: folder.id, bytes: 'x', owner: other })
    const file = service.drive.add({ name: 'file of ada.txt', owner: other, bytes: 'hers', modified: 1000 })
    const time = Date.UTC(2022, 1, 3)
    service.drive.share(folder.id, { email: service.drive.user.email, role: 'writer' })
    // Shared twice: with its folder, and by itself.
    service.drive.share(inside.id, { email: service.drive.user.email, role: 'writer' })
    service.drive.share(file.id, { email: service.drive.user.email, role: 'reader', time })
    const driver = await service.connect({ shared_with_me: true })
    expect(await names(driver)).toEqual(['file of ada.txt', 'inside.txt', 'of ada'])
    expect(await textAt(driver, 'file of ada.txt')).toBe('hers')
    expect(await walked(driver)).toEqual(['file of ada.txt', 'inside.txt', 'of ada', 'of ada/inside.txt'])
    await expect(put(driver, 'new.txt')).rejects.toThrow(/among what others share/)
    const renamed = { destination: parsePath('hers.txt') }
    service.drive.share(file.id, { email: service.drive.user.email, role: 'writer', time })
    await driver.move?.(parsePath('file of ada.txt'), renamed)
    expect(await textAt(driver, 'hers.txt')).toBe('hers')
    await driver.move?.(parsePath('hers.txt'), { destination: parsePath('file of ada.txt') })
    await put(driver, 'of ada/new.txt')
    expect(await names(driver, 'of ada')).toEqual(['inside.txt', 'new.txt'])
    const dated = await service.connect({ shared_with_me: true, use_shared_date: true })
    expect(await dated.stat(parsePath('file of ada.txt'))).toMatchObject({ modified: time })
  })
})

describe('what is starred', () => {
  it('is shown at the root with starred_only, wherever it lies, and so is what is made there', async () => {
    const folder = service.drive.add({ kind: 'folder', name: 'deep' })
    const file = service.drive.add({ name: 'star.txt', parent: folder.id, bytes: 'bright' })
    service.drive.notes(file.id).starredBy = [service.drive.user.email]
    const driver = await service.connect({ starred_only: true })
    expect(await names(driver)).toEqual(['star.txt'])
    expect(await textAt(driver, 'star.txt')).toBe('bright')
    await put(driver, 'new.txt')
    expect(await walked(driver)).toEqual(['new.txt', 'star.txt'])
  })

  it('stays in its folder when it is renamed there, and is moved in and out by its star', async () => {
    const { drive } = service
    const folder = drive.add({ kind: 'folder', name: 'sky' })
    drive.notes(folder.id).starredBy = [drive.user.email]
    const file = drive.add({ name: 'sun.txt', parent: folder.id, bytes: 'bright' })
    const driver = await service.connect({ starred_only: true })
    const plain = await service.connect()
    const move = (from: string, destination: string) =>
      driver.move?.(parsePath(from), { destination: parsePath(destination) })
    await move('sky', 'heaven')
    expect(await names(plain, 'heaven')).toEqual(['sun.txt'])
    await move('heaven/sun.txt', 'moon.txt')
    expect([await textAt(driver, 'moon.txt'), await textAt(plain, 'moon.txt')]).toEqual(['bright', 'bright'])
    await move('moon.txt', 'heaven/dim.txt')
    expect(await names(driver, 'heaven')).toEqual(['dim.txt'])
    expect(await names(driver)).not.toContain('dim.txt')
    drive.notes(file.id).starredBy = [drive.user.email]
    await move('dim.txt', 'light.txt')
    expect(await names(plain, 'heaven')).toEqual(['light.txt'])
    await driver.remove?.(parsePath('heaven'))
  })
})

describe('the trash', () => {
  it('is shown in its folders with trashed_only, and emptied file by file', async () => {
    const plain = await service.connect()
    await put(plain, 'bin/gone.txt', 'old')
    await put(plain, 'bin/kept.txt')
    await plain.remove?.(parsePath('bin/gone.txt'))
    const driver = await service.connect({ trashed_only: true })
    expect(await names(driver, 'bin')).toEqual(['gone.txt'])
    expect(await textAt(driver, 'bin/gone.txt')).toBe('old')
    const methods = ['write', 'move', 'copy', 'makeDirectory', 'setModified']
    expect(methods.filter((method) => method in driver)).toEqual([])
    await expect(driver.remove?.(parsePath('bin'))).rejects.toMatchObject({ code: 'Unsupported' })
    await driver.remove?.(parsePath('bin/gone.txt'))
    expect(await names(driver, 'bin')).toEqual([])
    expect(await names(plain, 'bin')).toEqual(['kept.txt'])
  })

  it('is where removing leads, unless use_trash is off', async () => {
    const [usual, hard] = [await service.connect(), await service.connect({ use_trash: false })]
    for (const [driver, isKept] of [
      [usual, true],
      [hard, false],
    ] as const) {
      await put(driver, 'thrown/away.txt')
      const { id = '' } = service.drive.tree.at(service.drive.user.root, ['thrown']) ?? {}
      await driver.remove?.(parsePath('thrown'))
      expect(await names(driver)).not.toContain('thrown')
      expect(service.drive.tree.get(id)?.trashed ?? false).toBe(isKept)
    }
  })
})
