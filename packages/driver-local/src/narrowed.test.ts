import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collectBytes, localAccessOf, parsePath, type StorageDriver } from '@filegate/core'
import { afterAll, describe, expect, it } from 'vitest'
import { openLocalDriver } from './driver.ts'
import { folderReader, namesInFolder } from './folder-rows.ts'
import { pinFolder } from './pinned-folder.ts'
import { whileSwapping } from './testing/swapper.ts'
import { until } from './testing/swapping-thread.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { walkLocal } from './walk.ts'

const home = temporaryFolder()
const served = join(home, 'served')
const secret = 'SECRET'
const latin1 = Buffer.concat([Buffer.from(join(served, 'public/caf')), Buffer.of(0xe9)])
mkdirSync(join(served, 'public/folder'), { recursive: true })
mkdirSync(join(served, 'private/folder'), { recursive: true })
mkdirSync(join(home, 'outside'))
writeFileSync(join(served, 'public/file.txt'), 'open')
writeFileSync(join(served, 'public/folder/file.txt'), 'open')
writeFileSync(join(served, `private/${secret}.txt`), secret)
writeFileSync(join(served, `private/folder/${secret}.txt`), secret)
writeFileSync(join(served, 'private/folder/file.txt'), secret)
writeFileSync(join(home, 'outside/elsewhere.txt'), 'elsewhere')
writeFileSync(latin1, 'open')
const links = {
  'to-private': '../private',
  'to-folder': '../private/folder',
  'to-file': `../private/${secret}.txt`,
  'to-link': 'to-file',
  'to-private-absolute': join(served, 'private'),
  up: '..',
  'to-public': 'folder',
  'to-public-file': 'folder/file.txt',
  'to-latin1': Buffer.from([0x63, 0x61, 0x66, 0xe9]),
  outside: '../../outside',
  'back-inside': '../../outside/back',
} as const
for (const [name, target] of Object.entries(links)) symlinkSync(target, join(served, 'public', name))
symlinkSync(join(served, 'private'), join(home, 'outside/back'))

const strict = openLocalDriver({ root: served, followsSymlinks: false })
const following = openLocalDriver({ root: served, followsSymlinks: true })
afterAll(() => Promise.all([strict.close(), following.close()]))

function accessOf(driver: StorageDriver) {
  const access = localAccessOf(driver)
  if (!access) throw new Error('The driver offers no local access.')
  return access
}

const narrow = (driver: StorageDriver): StorageDriver => accessOf(driver).narrowed([parsePath('public')])

async function namesIn(driver: StorageDriver, path: string): Promise<string[]> {
  return (await driver.list(parsePath(path))).items.map(({ name }) => name).sort()
}

async function walked(driver: StorageDriver, path: string): Promise<string[]> {
  const paths: string[] = []
  for await (const items of walkLocal(accessOf(driver), parsePath(path))) paths.push(...items.map((item) => item.path))
  return paths.sort()
}

describe.each([
  ['that keeps links inside the root', strict],
  ['that lets links lead anywhere', following],
])('a narrowed driver %s', (_, whole) => {
  const driver = narrow(whole)
  const access = accessOf(driver)

  it.each([
    'private',
    `private/${secret}.txt`,
    'public/to-private',
    `public/to-private/${secret}.txt`,
    'public/to-private/folder/file.txt',
    'public/to-private-absolute',
    'public/to-folder/file.txt',
    'public/to-file',
    'public/to-link',
    'public/up/private',
    'public/up/public/to-file',
    'public/back-inside',
    `public/back-inside/${secret}.txt`,
  ])('has nothing at %s', async (text) => {
    const path = parsePath(text)
    const missing = { code: 'NotFound', message: `File or directory not found: /${text}` }
    await expect(driver.stat(path)).rejects.toMatchObject(missing)
    await expect(driver.read(path)).rejects.toMatchObject(missing)
    await expect(driver.list(path)).rejects.toMatchObject(missing)
    await expect(driver.hash?.(path, { algorithm: 'sha256' })).rejects.toMatchObject(missing)
    expect(() => access.openFile(path)).toThrow(expect.objectContaining(missing))
    expect(() => access.openDirectory(path)).toThrow(expect.objectContaining(missing))
    await expect(walked(driver, text)).rejects.toMatchObject(missing)
    expect(access.placeOf(path)).toBeUndefined()
  })

  it.each([
    ['public/file.txt', 'public/file.txt'],
    ['public/to-public-file', 'public/folder/file.txt'],
    ['public/to-public/file.txt', 'public/folder/file.txt'],
    ['public/up/public/file.txt', 'public/file.txt'],
    ['public/caf\u201BE9', 'public/caf\u201BE9'],
    ['public/to-latin1', 'public/caf\u201BE9'],
  ])('reads %s, which stands at %s', async (path, place) => {
    const { body } = await driver.read(parsePath(path))
    expect(new TextDecoder().decode(await collectBytes(body))).toBe('open')
    await expect(driver.stat(parsePath(path))).resolves.toMatchObject({ kind: 'file', size: 4 })
    expect(access.placeOf(parsePath(path))).toBe(place)
  })

  it('lists only what may be reached, also through a link to a folder of which a part may be', async () => {
    const names = ['caf\u201BE9', 'file.txt', 'folder', 'to-latin1', 'to-public', 'to-public-file', 'up']
    expect(await namesIn(driver, 'public')).toEqual(whole === following ? [...names, 'outside'].sort() : names)
    expect(await namesIn(driver, 'public/up')).toEqual(['public'])
    expect(await namesIn(driver, '')).toEqual(['public'])
  })

  it('walks only where one may go, also from a link', async () => {
    const all = (await walked(driver, 'public/up')).join('\n')
    expect(all).toContain('public/up/public/folder/file.txt')
    expect(all).not.toMatch(/private\/|SECRET|up\/private/)
    expect(await walked(driver, '')).toEqual((await walked(whole, '')).filter((path) => path.startsWith('public')))
  })

  it('shows the same to threads that read a folder of it', () => {
    const seenIn = (path: string): (string | undefined)[] => {
      const { task, close } = pinFolder(access, parsePath(path), 100)
      const names = namesInFolder(task)
      const seen: (string | undefined)[] = []
      folderReader(task)(names, 0, names.length, (position, row) => {
        expect(row.isDirectory ? row.size : undefined).toBeUndefined()
        seen.push(names[position])
      })
      close()
      return seen.toSorted((one = '', other = '') => (one < other ? -1 : 1))
    }
    const names = ['caf\u201BE9', 'file.txt', 'folder', 'to-latin1', 'to-public', 'to-public-file', 'up']
    expect(seenIn('public')).toEqual(whole === following ? [...names, 'outside'].sort() : names)
    expect(seenIn('public/up')).toEqual(['public'])
    expect(seenIn('')).toEqual(['public'])
    expect(() => pinFolder(access, parsePath('public/to-private'), 0)).toThrow('not found')
  })

  it('can be narrowed further, never widened', async () => {
    expect(await namesIn(access.narrowed([parsePath('')]), '')).toEqual(['public'])
    const folder = access.narrowed([parsePath('public/folder'), parsePath('private')])
    expect(await namesIn(folder, '')).toEqual(['public'])
    expect(await namesIn(folder, 'public')).toContain('folder')
    expect(await namesIn(folder, 'public')).not.toContain('file.txt')
    await expect(folder.stat(parsePath('private'))).rejects.toMatchObject({ code: 'NotFound' })
    await expect(access.narrowed([]).stat(parsePath('public'))).rejects.toMatchObject({ code: 'NotFound' })
  })
})

it('what lies outside the root is shown by who lets links lead there', async () => {
  expect(await namesIn(narrow(following), 'public/outside')).toEqual(['elsewhere.txt'])
  expect(accessOf(following).placeOf(parsePath('public/outside'))).toBeUndefined()
})

it('a large folder is listed without the links that lead where one may not go', async () => {
  const large = join(served, 'public/large')
  mkdirSync(large)
  for (let number = 0; number < 2100; number++) writeFileSync(join(large, `file-${number}`), '')
  symlinkSync('../../private', join(large, 'to-private'))
  symlinkSync('../file.txt', join(large, 'to-public'))
  const names = await namesIn(narrow(strict), 'public/large')
  expect(names).toHaveLength(2101)
  expect(names).toContain('to-public')
})

describe('while a folder is swapped for a link to what may not be reached, as fast as a thread can', () => {
  it('nothing of that shows', async () => {
    const driver = narrow(strict)
    const access = accessOf(driver)
    const seen = new Set<string>()
    const unlessMissing = async (work: () => Promise<void>): Promise<void> =>
      work().catch((error: { code?: unknown }) => {
        if (error.code !== 'NotFound' && error.code !== 'NotADirectory') throw error
      })
    const look = async (): Promise<void> => {
      await unlessMissing(async () => {
        const { body } = await driver.read(parsePath('public/folder/file.txt'))
        seen.add(new TextDecoder().decode(await collectBytes(body)))
      })
      await unlessMissing(async () => {
        for (const name of await namesIn(driver, 'public/folder')) seen.add(name)
      })
      await unlessMissing(async () => {
        for (const path of await walked(driver, 'public/folder')) seen.add(path)
      })
      await unlessMissing(async () => void seen.add(access.openDirectory(parsePath('public/folder')).realPath))
    }
    const place = join(served, 'public/folder')
    const swaps = await whileSwapping(place, join(served, 'private/folder'), ({ count }) =>
      until(1000, () => count() > 50 && seen.has('open'), look),
    )
    expect(swaps).toBeGreaterThan(50)
    expect([...seen].join('\n')).not.toMatch(/SECRET|private/)
    expect(seen).toContain('open')
  })
})
