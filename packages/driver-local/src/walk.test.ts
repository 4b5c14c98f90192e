import { linkSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LocalAccess, localAccessOf, parsePath, StorageError } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { openLocalDriver } from './driver.ts'
import { openBelow } from './testing/open-below.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { type WalkItem, walkLocal, type WalkOptions } from './walk.ts'

const folder = temporaryFolder()
/** Everything in the folder. */
const made = ['empty', 'large', 'large/below', 'large/below/file', 'outer-0/cycle']
for (let outer = 0; outer < 30; outer++) {
  made.push(`outer-${outer}`)
  for (let inner = 0; inner < 10; inner++) {
    made.push(`outer-${outer}/inner-${inner}`, `outer-${outer}/inner-${inner}/file.txt`)
    mkdirSync(join(folder, `outer-${outer}`, `inner-${inner}`), { recursive: true })
    writeFileSync(join(folder, `outer-${outer}`, `inner-${inner}`, 'file.txt'), 'x'.repeat(inner))
  }
}
symlinkSync('..', join(folder, 'outer-0', 'cycle'))
mkdirSync(join(folder, 'empty'))
mkdirSync(join(folder, 'large', 'below'), { recursive: true })
writeFileSync(join(folder, 'large', 'below', 'file'), '')
for (let index = 0; index < 3000; index++) {
  made.push(`large/a-rather-long-name-${index}`)
  linkSync(join(folder, 'large', 'below', 'file'), join(folder, 'large', `a-rather-long-name-${index}`))
}

function accessTo(followsSymlinks = false): LocalAccess {
  const access = localAccessOf(openLocalDriver({ root: folder, followsSymlinks }))
  if (!access) throw new Error('The driver offers no local access.')
  return access
}

async function walk(start = '', options: WalkOptions = {}, access = accessTo()): Promise<WalkItem[]> {
  const items: WalkItem[] = []
  for await (const batch of walkLocal(access, parsePath(start), options)) items.push(...batch)
  return items
}

const pathsOf = (items: readonly WalkItem[]): string[] => items.map(({ path }) => path).toSorted()

describe('a walk', () => {
  it.each([false, true])('finds everything below its start once (follows links: %s)', async (followsSymlinks) => {
    const found = pathsOf(await walk('', {}, accessTo(followsSymlinks)))
    expect(found).toEqual(made.toSorted())
  })

  it('starts where it is told to', async () => {
    expect(pathsOf(await walk('outer-3/inner-2'))).toEqual(['outer-3/inner-2/file.txt'])
    expect(await walk('empty')).toEqual([])
  })

  it('starts from a link that stays inside, under the name of the link', async () => {
    expect(pathsOf(await walk('outer-0/cycle/outer-3/inner-2'))).toEqual(['outer-0/cycle/outer-3/inner-2/file.txt'])
  })

  it('reports a directory that is not to be entered, and nothing below it', async () => {
    const enter = (path: string): boolean => path === 'outer-5'
    const below = pathsOf(await walk('', { enter })).filter((path) => path.includes('/'))
    expect(below).toEqual(Array.from({ length: 10 }, (_, inner) => `outer-5/inner-${inner}`))
  })

  it('lets others work in between', async () => {
    let turns = 0
    let running = true
    const tick = (): void => {
      turns++
      if (running) setImmediate(tick)
    }
    tick()
    await walk()
    running = false
    expect(turns).toBeGreaterThan(2)
  })

  it('stops when aborted', async () => {
    const controller = new AbortController()
    let batches = 0
    const walking = async (): Promise<void> => {
      for await (const items of walkLocal(accessTo(), parsePath(''), { signal: controller.signal })) {
        batches += items.length > 0 ? 1 : 0
        controller.abort()
      }
    }
    await expect(walking()).rejects.toSatisfy((error) => StorageError.is(error, 'Aborted'))
    expect(batches).toBe(1)
  })

  it.runIf(process.platform === 'linux')('releases the folder it is reading when it is left early', async () => {
    const access = accessTo()
    const before = openBelow(folder)
    for await (const items of walkLocal(access, parsePath('large'))) {
      expect(openBelow(folder)).toBeGreaterThan(before)
      if (items.length > 0) break
    }
    expect(openBelow(folder)).toBe(before)
  })

  it('goes on without what was moved away', async () => {
    const items: WalkItem[] = []
    let isFirst = true
    for await (const batch of walkLocal(accessTo(), parsePath('outer-7'))) {
      items.push(...batch)
      if (isFirst) renameSync(join(folder, 'outer-7', 'inner-0'), join(folder, 'outer-7', 'inner-00'))
      isFirst = false
    }
    expect(items.length).toBeGreaterThanOrEqual(10)
  })

  it.each([
    ['outer-1/inner-1/file.txt', 'NotADirectory'],
    ['nowhere', 'NotFound'],
  ] as const)('from %s rejects with %s', async (start, code) => {
    await expect(walk(start)).rejects.toSatisfy((error) => StorageError.is(error, code))
  })
})
