import { memory, parsePath, streamBytes } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { describeDriver } from './describe-driver.ts'
import type { Harness } from './harness.ts'
import { inFolder } from './in-folder.ts'

const folder = parsePath('in use/of the suite')

function folderHarness(): Harness {
  const inside = inFolder(memory(), folder)
  return {
    async seed(seeds) {
      for (const seed of seeds) {
        if (seed.kind === 'directory') await inside.makeDirectory?.(seed.path)
        else await inside.write?.(seed.path, { body: streamBytes(seed.bytes) })
      }
    },
    connect: async () => inside,
  }
}

describeDriver('a folder of a storage', folderHarness())

describe('a folder of a storage', () => {
  it('reaches nothing beside it', async () => {
    const storage = memory({ 'beside.txt': 'x', 'in use/of the suite/file.txt': 'y' })
    const inside = inFolder(storage, folder)
    expect((await inside.list(parsePath(''))).items.map(({ path }) => path)).toEqual(['file.txt'])
    await inside.remove?.(parsePath('file.txt'))
    expect((await storage.stat(parsePath('beside.txt'))).kind).toBe('file')
  })

  it('tells of changes below it only, in its own terms', async () => {
    const paths = [parsePath('beside'), parsePath('in use/of the suite/a/b')]
    const inside = inFolder({ ...memory(), changes: async () => ({ cursor: '1', paths }) }, folder)
    expect(await inside.changes?.('0')).toEqual({ cursor: '1', paths: ['a/b'] })
    paths.push(parsePath('in use'))
    expect(await inside.changes?.('0')).toEqual({ cursor: '1', paths: 'all' })
  })
})
