import { parsePath, type StorageDriver } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { connect } from './testing/connected.ts'
import { asked, countOf, itemAt, put } from './testing/files.ts'
import { lyingFetch } from './testing/lying-fetch.ts'

describe('walking', () => {
  const walked = async (driver: StorageDriver, path: string, limit?: number): Promise<string[]> => {
    const found: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await driver.walk?.(parsePath(path), { cursor, limit })
      found.push(...(page?.items ?? []).map((entry) => entry.path))
      cursor = page?.cursor
      if (cursor === undefined) return found
    }
  }

  it('is left to listings without delta, and asks for the changes of the drive with it', async () => {
    const service = await startOneDrive({ driveType: 'business' })
    for (const path of ['a/b/1.txt', 'a/2.txt', 'other/3.txt', 'a/gone.txt']) put(service, path)
    service.tree.update(itemAt(service, 'a/gone.txt')?.id ?? '', { trashed: true })
    service.mark(put(service, 'a/Book'), { package: 'oneNote' })
    expect(Object.keys(await connect(service))).not.toContain('walk')
    const driver = await connect(service, { delta: true, list_chunk: 3 })
    expect((await walked(driver, 'a')).sort()).toEqual(['a/2.txt', 'a/b', 'a/b/1.txt'])
    expect(countOf(service, 'list children')).toBe(0)
    expect(asked(service, 'delta', '$top')).toEqual(['3', '3', '3'])
    service.forget()
    expect((await walked(driver, 'a', 1)).sort()).toEqual(['a/2.txt', 'a/b', 'a/b/1.txt'])
    expect(countOf(service, 'delta')).toBe(3)
    await service.close()
  })

  it('ends also where a shared folder leads back to what is around it', async () => {
    const service = await startOneDrive({
      drives: [{ type: 'business' }, { type: 'business', owner: 'bob@contoso.com' }],
    })
    put(service, 'theirs/deep/file.txt', 'x', 1)
    const shared = itemAt(service, 'theirs', 1)?.id ?? ''
    service.share(shared, 'ann@contoso.com')
    service.addShortcut(shared, { name: 'back', parent: itemAt(service, 'theirs/deep', 1)?.id ?? '' })
    service.addShortcut(shared, { name: 'Shared', parent: service.drives[0]?.root ?? '' })
    const driver = await connect(service, { delta: true })
    expect((await walked(driver, '')).sort()).toEqual([
      'Shared',
      'Shared/deep',
      'Shared/deep/back',
      'Shared/deep/file.txt',
    ])
    await service.close()
  })

  it('does not go in a circle where the service makes no sense', async () => {
    const service = await startOneDrive({ driveType: 'business' })
    put(service, 'a/file.txt')
    const item = (id: string, parent: string): object => ({
      id,
      name: id,
      folder: {},
      parentReference: { driveId: service.drives[0]?.id, id: parent },
    })
    const { fetch } = lyingFetch(service, ({ url }) => {
      if (url.pathname.endsWith('/root/delta')) return Response.json({ value: [item('one', 'two')] })
      if (url.pathname.endsWith('/items/two')) return Response.json(item('two', 'three'))
      return url.pathname.endsWith('/items/three') ? Response.json(item('three', 'two')) : undefined
    })
    const driver = await connect(service, { delta: true }, { fetch })
    await expect(walked(driver, '')).rejects.toMatchObject({ code: 'Unexpected' })
    await service.close()
  })

  it('goes into what others share, and says so when it was left alone for too long', async () => {
    const service = await startOneDrive({
      drives: [{ type: 'business' }, { type: 'business', owner: 'bob@contoso.com' }],
    })
    put(service, 'theirs/deep/file.txt', 'x', 1)
    put(service, 'mine/file.txt')
    const shared = itemAt(service, 'theirs', 1)?.id ?? ''
    service.share(shared, 'ann@contoso.com', ['read', 'write'])
    service.addShortcut(shared, { name: 'Shared', parent: itemAt(service, 'mine')?.id ?? '' })
    const driver = await connect(service, { delta: true })
    const all = ['mine', 'mine/Shared', 'mine/Shared/deep', 'mine/Shared/deep/file.txt', 'mine/file.txt']
    expect((await walked(driver, '')).sort()).toEqual(all)
    expect((await walked(driver, 'mine/Shared')).sort()).toEqual(['mine/Shared/deep', 'mine/Shared/deep/file.txt'])
    const first = await driver.walk?.(parsePath(''), { limit: 1 })
    for (let other = 0; other < 16; other++) await driver.walk?.(parsePath(''), { limit: 1 })
    await expect(driver.walk?.(parsePath(''), { cursor: first?.cursor })).rejects.toMatchObject({ code: 'Conflict' })
    await expect(driver.walk?.(parsePath(''), { cursor: 'x' })).rejects.toMatchObject({ code: 'InvalidArgument' })
    await service.close()
  })
})
