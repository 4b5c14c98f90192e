import { parsePath, type StorageDriver } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OneDrive, startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { connect, names } from './testing/connected.ts'
import { countOf, itemAt, operations, put, read, write } from './testing/files.ts'

let service: OneDrive
beforeAll(async () => {
  service = await startOneDrive({
    drives: [{ type: 'business' }, { type: 'business', owner: 'bob@contoso.com' }],
  })
  put(service, 'a/b b/c#%/d/e/file.txt', 'deep')
  put(service, 'a/b b/c#%/d/other.txt', 'other')
})
beforeEach(() => service.forget())
afterAll(() => service.close())

describe('a deep path', () => {
  it('is looked up in two requests, and in one when its directory is known', async () => {
    const driver = await connect(service)
    const entry = await driver.stat(parsePath('A/b b/C#%/d/e/file.txt'))
    expect(entry).toMatchObject({ kind: 'file', size: 4 })
    expect(operations(service)).toEqual(['get item', 'get item'])
    await driver.stat(parsePath('A/b b/C#%/d/e/file.txt'))
    expect(service.requests).toHaveLength(3)
    expect(await read(driver, 'a/b b/c#%/d/other.txt')).toBe('other')
    expect(countOf(service, 'get item')).toBe(5)
  })

  it('is listed in two requests, and written to after as many look-ups however deep it is', async () => {
    const driver = await connect(service)
    expect(await names(driver, 'a/b b/c#%/d/e')).toEqual(['file.txt'])
    expect(operations(service)).toEqual(['get item', 'list children'])
    const other = await connect(service)
    await write(other, 'a/b b/c#%/d/e/new.txt', 'new')
    // The directory, the file, which may be missing with all around it, and the directory again, which has to be there yet.
    expect(countOf(service, 'get item')).toBe(5)
    await driver.remove(parsePath('a/b b/c#%/d/e/new.txt'))
  })

  it('that leads nowhere, or through a file, is not there', async () => {
    const driver = await connect(service)
    for (const path of ['a/none/c/d/file.txt', 'a/b b/c#%/d/other.txt/x/y', 'none/b/c']) {
      await expect(driver.stat(parsePath(path))).rejects.toMatchObject({ code: 'NotFound' })
    }
    await expect(driver.list(parsePath('a/b b/c#%/d/other.txt'))).rejects.toMatchObject({ code: 'NotADirectory' })
  })

  it('into what others share is gone step by step', async () => {
    put(service, 'theirs/in/side/file.txt', 'theirs', 1)
    const shared = itemAt(service, 'theirs', 1)?.id ?? ''
    service.share(shared, 'ann@contoso.com')
    service.addShortcut(shared, { name: 'Shared', parent: itemAt(service, 'a')?.id ?? '' })
    const driver = await connect(service)
    expect(await read(driver, 'a/Shared/in/side/file.txt')).toBe('theirs')
    const other = await connect(service)
    const { cursor } = (await other.changes?.(undefined)) ?? {}
    expect(await names(other, 'a/Shared')).toEqual(['in'])
    expect((await other.changes?.(cursor))?.paths).toEqual(['a/Shared'])
  })

  it('to what is hidden is not there', async () => {
    service.mark(put(service, 'a/notes/Book'), { package: 'oneNote' })
    const driver = await connect(service)
    await expect(driver.list(parsePath('a/notes/Book'))).rejects.toMatchObject({ code: 'NotFound' })
  })

  it.each(['invalidRequest', 'accessDenied'] as const)('is gone step by step where it gets %s', async (code) => {
    const driver = await connect(service)
    service.fail({ operation: 'get item', code })
    expect(await read(driver, 'a/b b/c#%/d/e/file.txt')).toBe('deep')
  })

  it('is gone step by step in the cloud that cannot do otherwise', async () => {
    const token = service.tokenBlob({ resource: 'https://microsoftgraph.chinacloudapi.cn' })
    const driver = await connect(service, { region: 'cn', token })
    expect(await read(driver, 'a/b b/c#%/d/e/file.txt')).toBe('deep')
    expect(service.requests.filter(({ status }) => status >= 400)).toEqual([])
    expect(countOf(service, 'get item')).toBe(6)
  })
})

describe('what changed above a directory that was found at once', () => {
  async function toldOf(driver: StorageDriver, change: () => void) {
    const { cursor } = (await driver.changes?.(undefined)) ?? {}
    // The row begins with it.
    const first = await driver.changes?.(cursor)
    await driver.stat(parsePath('w/x/y/z.txt')).catch(() => undefined)
    change()
    return (await driver.changes?.(first?.cursor))?.paths
  }

  it.each([
    ['renamed', { name: 'renamed' }],
    ['removed', { trashed: true }],
  ])('is heard of: it was %s', async (what, fields) => {
    put(service, 'w/x/y/z.txt', 'old')
    const driver = await connect(service)
    expect(await toldOf(driver, () => void service.tree.update(itemAt(service, 'w')?.id ?? '', fields))).toBe('all')
    await expect(driver.stat(parsePath('w/x/y/z.txt'))).rejects.toMatchObject({ code: 'NotFound' })
    put(service, 'w/x/y/z.txt', 'another one')
    expect(await driver.stat(parsePath('w/x/y/z.txt'))).toMatchObject({ size: 11 })
    service.tree.update(itemAt(service, 'w')?.id ?? '', { name: `left over of ${what}` })
  })

  it('is not everything when it is a file that nobody has seen', async () => {
    put(service, 'w/x/y/z.txt')
    const driver = await connect(service)
    await names(driver)
    const paths = await toldOf(driver, () => void put(service, 'new.txt'))
    expect(paths).toEqual(['new.txt'])
  })
})
