import { parsePath } from '@filegate/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { names, put, walked } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
beforeEach(async () => {
  service = await startDriveService()
})
afterEach(() => service.close())

const inside = (...path: readonly string[]): string =>
  service.drive.tree.at(service.drive.user.root, path)?.id ?? 'nothing'

/** What changed while `change` ran, sorted. */
async function changesOf(
  change: () => unknown,
  { options = {}, show }: { readonly options?: Readonly<Record<string, unknown>>; readonly show: readonly string[] },
) {
  const driver = await service.connect(options)
  const began = await driver.changes?.(undefined)
  for (const path of show) await driver.list(parsePath(path))
  await change()
  const found = await driver.changes?.(began?.cursor)
  return found?.paths === 'all' ? 'all' : found?.paths.toSorted()
}

describe('what changed', () => {
  it('is nothing, from now on', async () => {
    const driver = await service.connect()
    await put(driver, 'before.txt')
    const began = await driver.changes?.(undefined)
    service.drive.forget()
    expect(await driver.changes?.(began?.cursor)).toEqual({ cursor: began?.cursor, paths: [] })
    expect(service.drive.requests).toHaveLength(1)
  })

  it('is told by where it was and where it is', async () => {
    const { drive } = service
    const folder = drive.add({ kind: 'folder', name: 'a' })
    const other = drive.add({ kind: 'folder', name: 'b' })
    const file = drive.add({ name: 'one.txt', parent: folder.id })
    drive.add({ name: 'two.txt', parent: folder.id })
    const gone = drive.add({ name: 'three.txt', parent: folder.id })
    const change = () => {
      drive.tree.update(file.id, { name: 'x/y.txt', parents: [other.id] })
      drive.tree.remove(gone.id)
      drive.add({ name: 'new.txt', parent: other.id })
    }
    const paths = await changesOf(change, { show: ['', 'a', 'b'] })
    expect(paths).toHaveLength(4)
    expect(paths).toEqual(expect.arrayContaining(['a/one.txt', 'a/three.txt', 'b/new.txt']))
    expect(String(paths)).toContain('y.txt')
  })

  it('in folders that nobody has seen is not told', async () => {
    const folder = service.drive.add({ kind: 'folder', name: 'unseen' })
    const deep = service.drive.add({ kind: 'folder', name: 'deep', parent: folder.id })
    const add = () => service.drive.add({ name: 'new.txt', parent: deep.id })
    expect(await changesOf(add, { show: [''] })).toEqual([])
  })

  it('is told of what lies below a folder that is moved by the folder, and later by its new place', async () => {
    const driver = await service.connect()
    await put(driver, 'a/b/file.txt')
    await walked(driver)
    const began = await driver.changes?.(undefined)
    const b = inside('a', 'b')
    service.drive.tree.update(b, { name: 'c', parents: [service.drive.user.root] })
    const moved = await driver.changes?.(began?.cursor)
    expect(moved?.paths).toEqual(expect.arrayContaining(['a/b', 'c']))
    expect(await names(driver, 'c')).toEqual(['file.txt'])
    service.drive.tree.write(inside('c', 'file.txt'), Buffer.from('new'))
    expect((await driver.changes?.(moved?.cursor))?.paths).toEqual(['c/file.txt'])
  })

  it('is told of shortcuts when what they lead to changes, and of documents by the name that is shown', async () => {
    const { drive } = service
    const folder = drive.add({ kind: 'folder', name: 'a' })
    const target = drive.add({ name: 'target.txt', parent: folder.id })
    const document = drive.add({ name: 'Plan', document: 'x' })
    drive.add({ name: 'short', shortcutTo: target.id })
    const change = () => {
      drive.tree.write(target.id, Buffer.from('new'))
      drive.tree.update(document.id, { name: 'Map' })
    }
    expect(await changesOf(change, { show: ['', 'a'] })).toEqual(['Map.docx', 'Plan.docx', 'a/target.txt', 'short'])
  })

  it('is everything where a shortcut leads to where changes are not told', async () => {
    const { drive } = service
    const shared = drive.addDrive({ name: 'Team' })
    const file = drive.add({ name: 'theirs.txt', parent: shared.id })
    drive.add({ name: 'short', shortcutTo: file.id })
    const add = () => drive.add({ name: 'any.txt' })
    expect(await changesOf(add, { show: [''] })).toBe('all')
  })

  it('is everything since a cursor that is no longer known', async () => {
    const driver = await service.connect()
    const found = await driver.changes?.('987654321')
    expect(found?.paths).toBe('all')
    expect((await driver.changes?.(found?.cursor))?.paths).toEqual([])
  })

  it('in a shared drive is told from its own log', async () => {
    const { id } = service.drive.addDrive({ name: 'Team' })
    const add = () => {
      service.drive.add({ name: 'in.txt', parent: id })
      service.drive.add({ name: 'elsewhere.txt' })
    }
    expect(await changesOf(add, { options: { team_drive: id }, show: [''] })).toEqual(['in.txt'])
  })

  it.each([{ shared_with_me: true }, { starred_only: true }, { trashed_only: true }])(
    'is not told of what %j selects',
    async (options) => {
      expect(await service.connect(options)).not.toHaveProperty('changes')
    },
  )
})
