import { parsePath } from '@filegate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { names, put, textAt, walked } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
let folder: string
beforeAll(async () => {
  service = await startDriveService()
  const { drive } = service
  folder = drive.add({ kind: 'folder', name: 'top' }).id
  const real = drive.add({ kind: 'folder', name: 'real', parent: folder })
  const file = drive.add({ name: 'file.txt', parent: real.id, bytes: 'target' })
  drive.add({ name: 'to file.txt', parent: folder, shortcutTo: file.id })
  drive.add({ name: 'to folder', parent: folder, shortcutTo: real.id })
  drive.add({ name: 'around', parent: real.id, shortcutTo: folder })
  drive.add({ name: 'to nothing', parent: folder, shortcutTo: 'gone' })
})
afterAll(() => service.close())

const connect = (options: Readonly<Record<string, unknown>> = {}) =>
  service.connect({ root_folder_id: folder, ...options })

describe('shortcuts', () => {
  it('are shown as what they lead to', async () => {
    const driver = await connect()
    expect(await names(driver)).toEqual(['real', 'to file.txt', 'to folder', 'to nothing'])
    expect(await driver.stat(parsePath('to file.txt'))).toMatchObject({ kind: 'file', size: 6 })
    expect(await textAt(driver, 'to file.txt')).toBe('target')
    expect(await names(driver, 'to folder')).toEqual(['around', 'file.txt'])
    expect(await textAt(driver, 'to folder/around/to folder/file.txt')).toBe('target')
  })

  it('are not gone into by a walk, which ends', async () => {
    const driver = await connect()
    const all = ['real', 'real/around', 'real/file.txt', 'to file.txt', 'to folder', 'to nothing']
    expect(await walked(driver)).toEqual(all)
    expect(await driver.stat(parsePath('to folder'))).toMatchObject({ symlinkTarget: expect.any(String) })
    expect(await walked(driver, 'to folder')).toEqual(['to folder/around', 'to folder/file.txt'])
  })

  it('to what is gone cannot be read, and are hidden with skip_dangling_shortcuts', async () => {
    const driver = await connect()
    await expect(driver.read(parsePath('to nothing'))).rejects.toThrow(/leads to a file that is gone/)
    await expect(put(driver, 'to nothing', 'x')).rejects.toMatchObject({ code: 'NotFound' })
    const hiding = await connect({ skip_dangling_shortcuts: true })
    expect(await names(hiding)).toEqual(['real', 'to file.txt', 'to folder'])
  })

  it('are hidden with skip_shortcuts', async () => {
    const driver = await connect({ skip_shortcuts: true })
    expect(await walked(driver)).toEqual(['real', 'real/file.txt'])
  })

  it('give new bytes to what they lead to, and are themselves moved and removed', async () => {
    const driver = await connect()
    await put(driver, 'to file.txt', 'written')
    expect(await textAt(driver, 'real/file.txt')).toBe('written')
    await driver.move?.(parsePath('to file.txt'), { destination: parsePath('moved/short.txt') })
    expect(await textAt(driver, 'moved/short.txt')).toBe('written')
    expect(await textAt(driver, 'real/file.txt')).toBe('written')
    await driver.remove?.(parsePath('moved/short.txt'))
    expect(await textAt(driver, 'real/file.txt')).toBe('written')
    await put(driver, 'real/file.txt', 'target')
  })

  it('are copied as shortcuts, or as what they lead to with copy_shortcut_content', async () => {
    const { tree } = service.drive
    const driver = await connect()
    await driver.copy?.(parsePath('to folder'), { destination: parsePath('copies/folder') })
    const copies = tree.named(folder, 'copies')[0]?.id ?? ''
    expect(tree.named(copies, 'folder')[0]?.kind).toBe('file')
    expect(await names(driver, 'copies/folder')).toEqual(['around', 'file.txt'])

    const deep = await connect({ copy_shortcut_content: true, skip_dangling_shortcuts: true })
    await expect(deep.copy?.(parsePath('to folder'), { destination: parsePath('copies/deep') })).rejects.toThrow(
      /leads back into a folder/,
    )
    expect(await names(deep, 'copies')).toEqual(['folder'])
    await driver.remove?.(parsePath('real/around'))
    await deep.copy?.(parsePath('to folder'), { destination: parsePath('copies/deep') })
    expect(tree.named(copies, 'deep')[0]?.kind).toBe('folder')
    expect(await textAt(driver, 'copies/deep/file.txt')).toBe('target')
  })

  it('in a folder that is copied are copied along', async () => {
    const driver = await connect()
    await driver.makeDirectory?.(parsePath('whole'))
    await driver.move?.(parsePath('to folder'), { destination: parsePath('whole/link') })
    await driver.copy?.(parsePath('whole'), { destination: parsePath('again') })
    expect(await walked(driver, 'again')).toEqual(['again/link'])
    expect(await names(driver, 'again/link')).toEqual(['file.txt'])
  })

  it('stand for a name that is there twice by when they were made, and not by when what they lead to was', async () => {
    const { drive } = service
    const parent = drive.add({ kind: 'folder', name: 'rivals' }).id
    const target = drive.add({ name: 'target.txt', bytes: 'by shortcut', created: 1000 })
    drive.add({ name: 'same.txt', parent, bytes: 'itself', created: 2000 })
    drive.add({ name: 'same.txt', parent, shortcutTo: target.id, created: 3000 })
    const driver = await service.connect()
    expect(await textAt(driver, 'rivals/same.txt')).toBe('by shortcut')
    expect(await names(driver, 'rivals')).toEqual(['same.txt'])
  })
})
