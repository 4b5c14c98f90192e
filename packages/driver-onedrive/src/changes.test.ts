import type { StorageDriver } from '@filegate/core'
import { parseOptions } from '@filegate/core/options'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OneDrive, startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { changesSince } from './changes.ts'
import { clouds } from './clouds.ts'
import { options as schema } from './options.ts'
import { createPlaces, type Places } from './places.ts'
import { connect, names } from './testing/connected.ts'
import { countOf, itemAt, put, read } from './testing/files.ts'

let service: OneDrive
beforeAll(async () => {
  service = await startOneDrive({ drives: [{ type: 'business' }, { type: 'business', owner: 'bob@contoso.com' }] })
})
beforeEach(() => service.forget())
afterAll(() => service.close())

const rootOf = (drive = 0): string => service.drives[drive]?.root ?? ''
const idAt = (path: string): string => itemAt(service, path)?.id ?? ''

/** What is told of what somebody else does. */
async function toldOf(driver: StorageDriver, change: () => void) {
  const before = await driver.changes?.(undefined)
  change()
  const found = await driver.changes?.(before?.cursor)
  return found?.paths === 'all' ? 'all' : [...(found?.paths ?? [])].sort()
}

describe('the changes of a drive', () => {
  it('are told with the places where things are and where they were', async () => {
    put(service, 'a/b/file.txt')
    put(service, 'c/other.txt')
    const driver = await connect(service)
    for (const path of ['', 'a', 'a/b', 'c']) await names(driver, path)
    expect(await toldOf(driver, () => undefined)).toEqual([])
    expect(await toldOf(driver, () => void service.tree.write(idAt('a/b/file.txt'), Buffer.from('x')))).toEqual([
      'a/b/file.txt',
    ])
    expect(
      await toldOf(driver, () => void service.tree.update(idAt('a/b/file.txt'), { parents: [idAt('c')] })),
    ).toEqual(['a/b/file.txt', 'c/file.txt'])
    expect(await toldOf(driver, () => void service.tree.update(idAt('a/b'), { name: 'd' }))).toEqual(['a/b', 'a/d'])
    expect(await toldOf(driver, () => void put(service, 'a/d/new/deep.txt'))).toEqual(
      expect.arrayContaining(['a/d/new', 'a/d/new/deep.txt']),
    )
    expect(await toldOf(driver, () => void service.tree.update(idAt('c/other.txt'), { trashed: true }))).toEqual([
      'c/other.txt',
    ])
  })

  it('are asked for in one call, and are everything once the service has forgotten when', async () => {
    const driver = await connect(service)
    const before = await driver.changes?.(undefined)
    service.forget()
    await driver.changes?.(before?.cursor)
    expect(countOf(service, 'delta')).toBe(1)
    service.expireDelta()
    put(service, 'after.txt')
    const expired = await driver.changes?.(before?.cursor)
    expect(expired?.paths).toBe('all')
    expect(await driver.changes?.(expired?.cursor)).toMatchObject({ paths: [] })
  })

  it('are everything where there are too many', async () => {
    const driver = await connect(service, { list_chunk: 2 })
    const change = (): void => {
      for (let number = 0; number < 9; number++) put(service, `many/${number}.txt`)
    }
    expect(await toldOf(driver, change)).toBe('all')
  })

  it('leave out what lies outside of the root', async () => {
    put(service, 'inside/file.txt')
    put(service, 'outside/file.txt')
    const driver = await connect(service, { root_folder_id: idAt('inside') })
    await names(driver)
    const change = (): void => {
      for (const path of ['inside/file.txt', 'outside/file.txt']) service.tree.write(idAt(path), Buffer.from('x'))
    }
    expect(await toldOf(driver, change)).toEqual(['file.txt'])
  })

  it('may be anything in what others share, of which nothing is told', async () => {
    put(service, 'theirs/file.txt', 'theirs', 1)
    const shared = itemAt(service, 'theirs', 1)?.id ?? ''
    service.share(shared, 'ann@contoso.com')
    service.addShortcut(shared, { name: 'Shared', parent: rootOf() })
    const driver = await connect(service)
    await names(driver)
    expect(await read(driver, 'Shared/file.txt')).toBe('theirs')
    expect(await toldOf(driver, () => undefined)).toEqual(['Shared'])
  })

  it('are not told where there is no such list', async () => {
    const token = service.tokenBlob({ resource: 'https://microsoftgraph.chinacloudapi.cn' })
    expect(Object.keys(await connect(service, { region: 'cn', token }))).not.toContain('changes')
    const other = await connect(service, {
      root_folder_id: `${service.drives[1]?.id}#${itemAt(service, 'theirs', 1)?.id}`,
    })
    expect(Object.keys(other)).not.toContain('changes')
    expect(await read(other, 'file.txt')).toBe('theirs')
  })
})

describe('what was seen too long ago to be remembered', () => {
  const page = (name: string): object => ({
    value: [{ id: name, name, file: {}, parentReference: { id: 'top' } }],
    '@odata.deltaLink': 'https://graph.microsoft.com/v1.0/x?token=next',
  })
  const told = async (places: Places, name: string) => {
    const options = parseOptions(schema, { drive_id: 'd' })
    const root = { id: 'd#top', own: { drive: 'd', item: 'top' }, isNotebook: false, isInfected: false }
    const drive = { id: 'd', type: 'business', root: { ...root, facts: { kind: 'directory', name: '' } } } as const
    const graph = { json: async () => page(name), answer: unneeded, done: unneeded }
    const log = { debug() {}, info() {}, warn() {} }
    const feed = { graph, options, drive, places, log, cloud: clouds.global, fetch: unneeded }
    return (await changesSince(feed, 'token=before', {})).paths
  }
  const unneeded = (): never => {
    throw new Error('Nothing here needs it.')
  }

  it('may have changed whenever something did of which nothing is known', async () => {
    const places = createPlaces(1)
    expect(await told(places, 'first')).toEqual(['first'])
    expect(await told(places, 'first')).toEqual(['first'])
    expect(await told(places, 'second')).toEqual(['second'])
    expect(await told(places, 'first')).toBe('all')
  })
})

describe('ids of directories', () => {
  it('live on the word of the list of changes', async () => {
    put(service, 'w/x/y/z/file.txt', 'deep')
    const driver = await connect(service)
    expect(await read(driver, 'w/x/y/z/file.txt')).toBe('deep')
    service.forget()
    expect(await read(driver, 'w/x/y/z/file.txt')).toBe('deep')
    expect(countOf(service, 'get item')).toBe(1)
  })
})
