import { execFileSync } from 'node:child_process'
import { closeSync, lstatSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parsePath, StorageError, type StoragePath } from '@filegate/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FileBatch, fileBatches } from './file-batch.ts'
import { whileSwapping } from './testing/swapper.ts'
import { until } from './testing/swapping-thread.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const base = temporaryFolder()
let root = ''
let count = 0

beforeEach(async () => {
  root = join(base, `tree-${count++}`)
  for (const folder of ['root/open/deep', 'outside']) mkdirSync(join(root, folder), { recursive: true })
  for (const file of ['root/open/file', 'root/open/deep/file', 'root/closed', 'outside/file']) {
    writeFileSync(join(root, file), `content of ${file}`)
  }
  symlinkSync('../outside/file', join(root, 'root/out'))
  symlinkSync('open/file', join(root, 'root/in'))
  symlinkSync('open', join(root, 'root/way'))
  await untilSettled()
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** Until so long after the last change that plain paths are trusted. */
async function untilSettled(): Promise<void> {
  await expect.poll(() => Date.now() - lstatSync(join(root, 'root')).ctimeMs, { interval: 20 }).toBeGreaterThan(120)
}

const batches = (within?: readonly StoragePath[]) =>
  fileBatches({ root: join(root, 'root'), followsSymlinks: false, within })

function contentIn(batch: FileBatch, path: string): string {
  const { descriptor } = batch.open(parsePath(path))
  try {
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

const refused = (error: unknown): boolean => StorageError.is(error, 'NotFound')

describe.each(['together', 'oneByOne'] as const)('files opened %s', (way) => {
  it('are those of the folder, with what is known of them', () => {
    const batch = batches()[way]()
    const { descriptor, ...facts } = batch.open(parsePath('open/file'))
    closeSync(descriptor)
    const { size, mtimeMs, mode } = lstatSync(join(root, 'root/open/file'))
    expect(facts).toEqual({ size, modified: mtimeMs, mode: mode & 0o7777 })
    for (const path of ['open/deep/file', 'closed']) expect(contentIn(batch, path)).toBe(`content of root/${path}`)
    expect(batch.holds()).toBe(true)
  })

  it('may be reached by links that stay inside, and by no others', () => {
    const batch = batches()[way]()
    for (const path of ['in', 'way/file']) expect(contentIn(batch, path)).toBe('content of root/open/file')
    for (const path of ['out', 'nowhere', 'open/nowhere']) {
      expect(() => contentIn(batch, path)).toThrow(expect.toSatisfy(refused))
    }
  })

  it('are none but those in the places that were given, whatever link leads elsewhere', () => {
    symlinkSync('../closed', join(root, 'root/open/link'))
    const batch = batches([parsePath('open')])[way]()
    expect(contentIn(batch, 'open/deep/file')).toBe('content of root/open/deep/file')
    for (const path of ['closed', 'open/link']) {
      expect(() => contentIn(batch, path)).toThrow(expect.toSatisfy(refused))
    }
  })

  it.skipIf(process.platform === 'win32')('are regular ones: a FIFO is not waited for', () => {
    execFileSync('mkfifo', [join(root, 'root/open/fifo')])
    expect(() => batches()[way]().open(parsePath('open/fifo'))).toThrow(expect.toSatisfy(refused))
  })
})

describe.runIf(process.platform === 'linux')('a batch', () => {
  it('does not hold when a folder on the way was swapped, even back and forth', () => {
    const batch = batches().together()
    contentIn(batch, 'open/deep/file')
    renameSync(join(root, 'root/open'), join(root, 'root/away'))
    renameSync(join(root, 'root/away'), join(root, 'root/open'))
    expect(batch.holds()).toBe(false)
  })

  it('does not hold when a file took the place of another meanwhile: its facts might be those of the other', () => {
    const batch = batches().together()
    contentIn(batch, 'open/file')
    writeFileSync(join(root, 'root/open/next'), 'another')
    renameSync(join(root, 'root/open/next'), join(root, 'root/open/file'))
    expect(batch.holds()).toBe(false)
  })

  it('opens files one by one in a folder that changed a moment ago, and holds', () => {
    writeFileSync(join(root, 'root/open/new'), 'new')
    // However long it takes from here on.
    vi.spyOn(Date, 'now').mockReturnValue(lstatSync(join(root, 'root/open')).ctimeMs)
    const batch = batches().together()
    expect(contentIn(batch, 'open/new')).toBe('new')
    writeFileSync(join(root, 'root/open/newer'), 'newer')
    expect(batch.holds()).toBe(true)
  })

  it('gives nothing from outside while a folder is swapped for a link, if it holds', async () => {
    const seen = new Set<string>()
    const swaps = await whileSwapping(join(root, 'root/open'), join(root, 'outside'), ({ count }) => {
      const isEnough = (): boolean => count() > 10
      return until(1000, isEnough, async () => {
        const batch = batches().together()
        const contents: string[] = []
        for (let at = 0; at < 5; at++) {
          try {
            contents.push(contentIn(batch, 'open/file'))
          } catch (error) {
            if (!StorageError.is(error)) throw error
          }
        }
        if (batch.holds()) for (const content of contents) seen.add(content)
      })
    })
    expect(swaps).toBeGreaterThan(10)
    expect([...seen].filter((content) => content !== 'content of root/open/file')).toEqual([])
  })
})
