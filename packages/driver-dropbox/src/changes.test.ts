import { parsePath } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectFull, type Full, put } from './testing/full-driver.ts'
import { type SimulatedDropbox, startSimulatedDropbox } from './testing/simulated-dropbox.ts'

let service: SimulatedDropbox
let other: Full
let changes: NonNullable<Full['changes']>
beforeAll(async () => {
  service = await startSimulatedDropbox({ limits: { page: 2 } })
  service.seed({ '/Folder/a': 'a', '/Folder/b': 'b' })
  other = await connectFull(service, { pacer_min_sleep: '1ms' })
  const driver = await service.connect({ pacer_min_sleep: '1ms' })
  if (!driver.changes) throw new Error('The driver tells no changes.')
  changes = driver.changes.bind(driver)
})
beforeEach(() => service.forget())
afterAll(() => service.close())

describe('the feed of changes', () => {
  it('begins now, and tells nothing while nothing changes', async () => {
    const begun = await changes(undefined)
    expect(begun.paths).toEqual([])
    expect((await changes(begun.cursor)).paths).toEqual([])
    expect(service.requests.map(({ route }) => route)).toEqual([
      'files/list_folder/get_latest_cursor',
      'files/list_folder/continue',
    ])
  })

  it('tells what others made, changed, moved and removed, once', async () => {
    const { cursor } = await changes(undefined)
    await put(other, 'Folder/new', 'x')
    await put(other, 'Folder/a', 'changed')
    await other.move(parsePath('Folder/b'), { destination: parsePath('Moved/c') })
    const told = await changes(cursor)
    expect(told.paths).toEqual(expect.arrayContaining(['Folder/new', 'Folder/a', 'Folder/b', 'Moved/c']))
    await other.remove(parsePath('Moved'))
    expect((await changes(told.cursor)).paths).toContain('Moved')
  })

  it('says that everything may have changed where that is too much to tell, or its cursor is given up', async () => {
    const { cursor } = await changes(undefined)
    await Promise.all(Array.from({ length: 30 }, (_, place) => put(other, `many/${place}`, 'x')))
    const told = await changes(cursor)
    expect(told.paths).toBe('all')
    expect((await changes(told.cursor)).paths).toEqual([])
    service.resetCursors()
    const after = await changes(told.cursor)
    expect(after.paths).toBe('all')
    expect((await changes(after.cursor)).paths).toEqual([])
  })

  it('is not there where the storage has many roots', async () => {
    expect(await service.connect({ shared_folders: true })).not.toHaveProperty('changes')
    expect(await service.connect({ shared_files: true })).not.toHaveProperty('changes')
  })
})
