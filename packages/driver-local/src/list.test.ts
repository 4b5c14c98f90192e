import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Entry, parsePath, StorageError } from '@filegate/core'
import { afterAll, describe, expect, it } from 'vitest'
import { openLocalDriver } from './driver.ts'
import type { LocalListOptions } from './list.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const folder = temporaryFolder()
const driver = openLocalDriver({ root: folder, followsSymlinks: false })
/** More than a page of a listing by a worker. */
const manyFiles = 5500

/** Makes a folder of so many files, as hard links to one, which is faster. */
function fill(name: string, count: number): void {
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'file-0'), 'text')
  for (let index = 1; index < count; index++) {
    linkSync(join(folder, name, 'file-0'), join(folder, name, `file-${index}`))
  }
}

async function listAll(name: string, options: LocalListOptions = {}): Promise<Entry[]> {
  const entries: Entry[] = []
  let cursor: string | undefined
  do {
    const page = await driver.list(parsePath(name), { ...options, cursor })
    entries.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return entries
}

fill('many', manyFiles)
fill('few', 100)
mkdirSync(join(folder, 'many', 'folder'))
symlinkSync('file-7', join(folder, 'many', 'link'))
symlinkSync('/etc', join(folder, 'many', 'outwards'))
afterAll(() => driver.close())

describe('listing a large folder', () => {
  it('gives every entry once, as stat describes it', async () => {
    const entries = await listAll('many')
    expect(new Set(entries.map(({ name }) => name)).size).toBe(manyFiles + 2)
    expect(entries.length).toBe(manyFiles + 2)
    for (const name of ['file-0', 'file-7', `file-${manyFiles - 1}`, 'folder', 'link']) {
      const entry = entries.find((candidate) => candidate.name === name)
      expect(entry).toEqual(await driver.stat(parsePath(`many/${name}`)))
    }
  })

  it('never keeps the event loop for long', async () => {
    let longest = 0
    let last = process.threadCpuUsage()
    let running = true
    const tick = (): void => {
      // Work of this thread, in microseconds: what other programs do meanwhile does not count.
      const { user, system } = process.threadCpuUsage(last)
      longest = Math.max(longest, user + system)
      last = process.threadCpuUsage()
      if (running) setImmediate(tick)
    }
    tick()
    await listAll('many')
    running = false
    expect(longest).toBeLessThan(60_000)
  })

  it('gives a page again for the same cursor', async () => {
    const { cursor } = await driver.list(parsePath('many'))
    const first = await driver.list(parsePath('many'), { cursor })
    expect((await driver.list(parsePath('many'), { cursor })).items).toEqual(first.items)
  })

  it('goes on behind the last entry when it has to read the folder again', async () => {
    const { items, cursor } = await driver.list(parsePath('many'))
    const other = openLocalDriver({ root: folder, followsSymlinks: false })
    const next = await other.list(parsePath('many'), { cursor })
    await other.close()
    expect(next.items).toEqual((await driver.list(parsePath('many'), { cursor })).items)
    expect(next.items.some(({ name }) => name === items[0]?.name)).toBe(false)
  })

  it('passes over what was removed between two pages', async () => {
    fill('shrinking', 2100)
    const page = await driver.list(parsePath('shrinking'), { limit: 100 })
    const gone = new Set(page.items.slice(0, 50).map(({ name }) => name))
    for (const name of gone) rmSync(join(folder, 'shrinking', name))
    const rest = await driver.list(parsePath('shrinking'), { cursor: page.cursor })
    expect(rest.items.length + page.items.length).toBe(2100)
  })

  it('ends at once when aborted', async () => {
    const controller = new AbortController()
    const listing = driver.list(parsePath('many'), { signal: controller.signal })
    controller.abort()
    await expect(listing).rejects.toSatisfy((error) => StorageError.is(error, 'Aborted'))
  })

  it('does not show one folder by the cursor of another', async () => {
    const { cursor } = await driver.list(parsePath('many'), { limit: 10 })
    const { items } = await driver.list(parsePath('few'), { cursor })
    expect(items.every(({ path }) => path.startsWith('few/'))).toBe(true)
  })
})

describe('pages', () => {
  it.each(['few', 'many'])('of any size hold together every entry once: %s', async (name) => {
    const limit = name === 'few' ? 7 : 3000
    const entries = await listAll(name, { limit })
    expect(entries.map((entry) => entry.name).toSorted()).toEqual(
      (await listAll(name)).map((entry) => entry.name).toSorted(),
    )
  })

  it.each(['', 'x', '1', '1.2', '-1.0.a', '1.1e3.a', '99999999999.0.a'])(
    'a made-up cursor is refused: %s',
    async (cursor) => {
      await expect(driver.list(parsePath('few'), { cursor })).rejects.toSatisfy((error) =>
        StorageError.is(error, 'InvalidArgument'),
      )
    },
  )

  it('an offset beyond the end is the end', async () => {
    expect(await driver.list(parsePath('few'), { cursor: '0.999999.nothing' })).toEqual({
      items: [],
      cursor: undefined,
    })
  })
})

describe('counting children', () => {
  const children = (entries: readonly Entry[]): Record<string, number | undefined> =>
    Object.fromEntries(entries.flatMap((entry) => (entry.kind === 'directory' ? [[entry.name, entry.children]] : [])))

  it('is left out unless asked for', async () => {
    expect(children(await listAll(''))).toMatchObject({ many: undefined, few: undefined })
  })

  it('fills how many entries each directory holds, up to the number asked for', async () => {
    expect(children(await listAll('', { countChildren: 1_000_000 }))).toMatchObject({ many: manyFiles + 3, few: 100 })
    expect(children(await listAll('', { countChildren: 50 }))).toMatchObject({ many: 50, few: 50 })
    expect(children(await listAll('many', { countChildren: 50 }))).toEqual({ folder: 0 })
  })
})

describe('a single file', () => {
  const single = openLocalDriver({ root: join(folder, 'few'), followsSymlinks: false, only: 'file-3' })

  it('is all there is', async () => {
    expect((await single.list(parsePath(''))).items).toEqual([await single.stat(parsePath('file-3'))])
    for (const name of ['file-4', 'file-3/x']) {
      await expect(single.stat(parsePath(name))).rejects.toSatisfy((error) => StorageError.is(error, 'NotFound'))
    }
    await expect(single.list(parsePath('file-3'))).rejects.toSatisfy((error) => StorageError.is(error, 'NotADirectory'))
  })
})

describe('opening', () => {
  it.each([
    ['missing', 'NotFound'],
    ['few/file-1', 'NotADirectory'],
  ] as const)('%s fails with %s and a message that names it', (name, code) => {
    expect(() => openLocalDriver({ root: join(folder, name), followsSymlinks: false })).toThrow(
      expect.objectContaining({ name: 'StorageError', code, message: expect.stringContaining(name) }),
    )
  })

  it('works through a link', async () => {
    symlinkSync('few', join(folder, 'link-to-few'))
    const linked = openLocalDriver({ root: join(folder, 'link-to-few'), followsSymlinks: false })
    expect((await linked.list(parsePath(''))).items.length).toBe(100)
  })
})
