import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePath, StorageError } from '@filegate/core'
import type { BatchFile, FileBatch } from '@filegate/driver-local/files'
import { afterAll, describe, expect, it } from 'vitest'
import { EntrySink } from './entry-sink.ts'
import { packFiles } from './pack-files.ts'
import type { FilesJob } from './pack-jobs.ts'

const base = mkdtempSync(join(tmpdir(), 'filegate-pack-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
for (const [folder, content] of [
  ['inside', 'what is meant'],
  ['outside', 'what is not meant'],
] as const) {
  mkdirSync(join(base, folder))
  for (const name of ['one', 'other']) writeFileSync(join(base, folder, name), `${content}: ${name}`)
}

const item = (name: string) =>
  ({ path: parsePath(name), name, kind: 'file', modified: undefined, mode: undefined }) as const

const job: FilesJob = {
  kind: 'files',
  folder: { root: base, followsSymlinks: false, within: undefined },
  items: [item('one'), item('other')],
  level: 0,
}

function batchIn(folder: string, holds: boolean): FileBatch {
  const open = (path: string): BatchFile => {
    const descriptor = openSync(join(base, folder, path), 'r')
    return { descriptor, size: 100, modified: 0, mode: 0o644 }
  }
  return { open, holds: () => holds }
}

const gone: FileBatch = {
  open: (path) => {
    throw new StorageError('NotFound', 'It is gone.', { path })
  },
  holds: () => false,
}

describe('files that are packed together', () => {
  const sink = new EntrySink(0, 4096)

  it('are read once when the tree stood still', () => {
    const batches = { together: () => batchIn('inside', true), oneByOne: () => gone }
    const { bytes, central, done, omissions } = packFiles(job, batches, sink)
    expect(Buffer.from(bytes).toString('latin1')).toMatch(/what is meant: one.*what is meant: other$/s)
    expect([central.count, done, omissions]).toEqual([2, 2, []])
  })

  it('are read again, one by one, when it did not: nothing is left of the first time', () => {
    const inside = batchIn('inside', true)
    const first = packFiles(job, { together: () => inside, oneByOne: () => gone }, sink)
    for (const together of [batchIn('outside', false), gone]) {
      const again = packFiles(job, { together: () => together, oneByOne: () => inside }, sink)
      expect(again).toEqual(first)
    }
  })
})
