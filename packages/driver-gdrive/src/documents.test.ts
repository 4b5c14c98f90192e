import { parsePath } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { names, put, textAt, walked } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
let folder: string
beforeAll(async () => {
  service = await startDriveService()
  const { drive } = service
  folder = drive.add({ kind: 'folder', name: 'documents' }).id
  const add = (name: string, type: string) =>
    drive.add({
      name,
      parent: folder,
      document: `of ${name}`,
      mimeType: `application/vnd.google-apps.${type}`,
      modified: 1000,
    })
  add('Plan', 'document')
  add('Budget', 'spreadsheet')
  add('Survey', 'form')
  add('Places', 'map')
  drive.add({ name: 'plain.txt', parent: folder, bytes: 'bytes' })
})
beforeEach(() => service.drive.forget())
afterAll(() => service.close())

const connect = (options: Readonly<Record<string, unknown>> = {}) =>
  service.connect({ root_folder_id: folder, ...options })

describe('Google documents', () => {
  it.each([
    [{}, ['Budget.xlsx', 'Plan.docx', 'plain.txt']],
    [{ export_formats: 'pdf,csv' }, ['Budget.pdf', 'Plan.pdf', 'plain.txt']],
    [{ export_formats: 'csv,txt' }, ['Budget.csv', 'Plan.txt', 'plain.txt']],
    [{ formats: 'ods' }, ['Budget.ods', 'Plan.docx', 'plain.txt']],
    [{ export_formats: 'url' }, ['Budget.url', 'Places.url', 'Plan.url', 'Survey.url', 'plain.txt']],
    [{ skip_gdocs: true }, ['plain.txt']],
    [{ show_all_gdocs: true }, ['Budget', 'Places', 'Plan', 'Survey', 'plain.txt']],
  ])('are shown as %j says', async (options, shown) => {
    const driver = await connect(options)
    expect(await names(driver)).toEqual(shown)
    expect(await walked(driver)).toEqual(shown)
    for (const name of shown) expect(await driver.stat(parsePath(name))).toMatchObject({ name })
  })

  it('are read as what they are exported to, by the link that has no limit', async () => {
    const driver = await connect({ export_formats: 'csv,txt' })
    expect(await textAt(driver, 'Plan.txt')).toBe('of Plan')
    expect(await textAt(driver, 'Budget.csv')).toBe('of Budget')
    expect(service.drive.count('files.export')).toBe(0)
    const { entry } = await driver.read(parsePath('Plan.txt'))
    expect(entry).toMatchObject({ contentType: 'text/plain', modified: 1000 })
    expect(entry).not.toHaveProperty('size')
  })

  it('are read in ranges', async () => {
    const driver = await connect({ export_formats: 'txt' })
    expect(await textAt(driver, 'Plan.txt', { range: { start: 3, end: 5 } })).toBe('Pl')
    expect(await textAt(driver, 'Plan.txt', { range: { suffix: 4 } })).toBe('Plan')
    await expect(driver.read(parsePath('Plan.txt'), { range: { start: 7 } })).rejects.toMatchObject({
      code: 'RangeNotSatisfiable',
    })
  })

  it('are links, where that is wanted', async () => {
    const driver = await connect({ export_formats: 'link.html,url' })
    const text = await textAt(driver, 'Survey.link.html')
    expect(text).toContain('<title>Survey</title>')
    expect(await driver.stat(parsePath('Survey.link.html'))).toMatchObject({ size: Buffer.byteLength(text) })
    expect(await textAt(driver, 'Survey.link.html', { range: { start: 0, end: 15 } })).toBe('<!doctype html>')
  })

  it('are not read with show_all_gdocs, but copied and moved', async () => {
    const driver = await connect({ show_all_gdocs: true })
    await expect(driver.read(parsePath('Survey'))).rejects.toMatchObject({ code: 'Unsupported' })
    await driver.copy?.(parsePath('Survey'), { destination: parsePath('Copy') })
    await driver.move?.(parsePath('Copy'), { destination: parsePath('Moved') })
    expect(await names(driver)).toContain('Moved')
    await driver.remove?.(parsePath('Moved'))
  })

  it('have no hashes', async () => {
    const driver = await connect()
    await expect(driver.hash?.(parsePath('Plan.docx'), { algorithm: 'md5' })).rejects.toMatchObject({
      code: 'Unsupported',
    })
  })

  it('keep their own name when they are copied and moved, and their ending', async () => {
    const driver = await connect()
    await driver.copy?.(parsePath('Plan.docx'), { destination: parsePath('other/Copy.docx') })
    await driver.move?.(parsePath('other/Copy.docx'), { destination: parsePath('other/Moved.docx') })
    expect(await names(driver, 'other')).toEqual(['Moved.docx'])
    const [item] = service.drive.tree.children(service.drive.tree.named(folder, 'other')[0]?.id ?? '')
    expect(item?.name).toBe('Moved')
    await expect(
      driver.move?.(parsePath('other/Moved.docx'), { destination: parsePath('other/Moved.pdf') }),
    ).rejects.toThrow('keeps that ending')
    await driver.remove?.(parsePath('other'))
  })

  it('have revisions that are exported', async () => {
    const driver = await connect({ export_formats: 'txt' })
    const { items = [] } = (await driver.revisions?.(parsePath('Plan.txt'))) ?? {}
    for (const { version } of items) expect(await textAt(driver, 'Plan.txt', { version })).toContain('Plan')
  })
})

describe('uploads', () => {
  it('become documents with import_formats', async () => {
    const driver = await connect({ import_formats: 'csv', export_formats: 'csv' })
    await put(driver, 'made/table.csv', '1,2')
    await put(driver, 'made/plain.txt', 'x')
    expect(await names(driver, 'made')).toEqual(['plain.txt', 'table.csv'])
    const made = service.drive.tree.named(folder, 'made')[0]?.id ?? ''
    const [table] = service.drive.tree.named(made, 'table')
    expect(table?.contentType).toBe('application/vnd.google-apps.spreadsheet')
    expect(await textAt(driver, 'made/table.csv')).toBe('1,2')
    await put(driver, 'made/table.csv', '3,4')
    expect(await textAt(driver, 'made/table.csv')).toBe('3,4')
    expect(service.drive.tree.named(made, 'table')).toHaveLength(1)
    await driver.remove?.(parsePath('made'))
  })

  it('that would be shown with another ending need allow_import_name_change', async () => {
    const options = { import_formats: 'csv', export_formats: 'xlsx' }
    await expect(put(await connect(options), 'table.csv', '1')).rejects.toThrow(/allow_import_name_change/)
    const driver = await connect({ ...options, allow_import_name_change: true })
    await put(driver, 'made/table.csv', '1')
    expect(await names(driver, 'made')).toEqual(['table.xlsx'])
    await driver.remove?.(parsePath('made'))
  })

  it('do not go over a document without import_formats', async () => {
    await expect(put(await connect(), 'Plan.docx', 'x')).rejects.toThrow(/import_formats/)
  })
})
