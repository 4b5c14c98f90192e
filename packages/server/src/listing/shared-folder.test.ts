import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FolderTask, namesInFolder } from '@filegate/driver-local/folder'
import { localAccessOf, root } from '@filegate/core'
import { openLocalDriver, pinFolder } from '@filegate/driver-local'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RowTable, rowAt } from './row-columns.ts'
import { finishReading, helpRead, type SharedFolder, shareFolder } from './shared-folder.ts'

let folder: string
let task: FolderTask
let names: string[]
let end: () => Promise<void>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'filegate-shared-'))
  for (let number = 0; number < 1300; number++) writeFileSync(join(folder, `file-${number}`), 'x'.repeat(number % 9))
  mkdirSync(join(folder, 'sub/inner'), { recursive: true })
  symlinkSync('sub', join(folder, 'to-sub'))
  symlinkSync('/etc', join(folder, 'outwards'))
  const driver = openLocalDriver({ root: folder, followsSymlinks: false })
  const access = localAccessOf(driver)
  if (!access) throw new Error('The driver offers no local access.')
  const pinned = pinFolder(access, root, 100)
  task = pinned.task
  names = namesInFolder(task)
  end = async () => {
    pinned.close()
    await driver.close()
    await rm(folder, { recursive: true })
  }
})
afterAll(() => end())

const tableOf = ({ types, sizes, times }: SharedFolder): RowTable => ({ names, types, sizes, times })

function read(helped: (shared: SharedFolder) => void): RowTable {
  const shared = shareFolder(task, names)
  helped(shared)
  finishReading(shared, names)
  return tableOf(shared)
}

test('what one thread sees is what is there', () => {
  const table = read(() => {})
  const seen = names.flatMap((_, at) => (table.types[at] === 0 ? [] : [rowAt(table, at)]))
  expect(seen).toHaveLength(1302)
  const row = (name: string) => seen.find((one) => one.name === name)
  expect(row('file-17')).toMatchObject({ type: 'File', size: 8 })
  expect(row('sub')).toMatchObject({ type: 'Dir', size: 1 })
  expect(row('to-sub')).toMatchObject({ type: 'SymlinkDir', size: 1 })
  expect(row('outwards')).toBeUndefined()
})

test('a helper that did everything leaves nothing to do, and the same is seen', () => {
  expect(read((shared) => helpRead(shared))).toEqual(read(() => {}))
})

test('a helper that broke off in the middle of a block does not keep the others waiting, and nothing is missing', () => {
  const table = read((shared) => {
    Atomics.store(shared.blocks, 1, 1)
  })
  expect(table).toEqual(read(() => {}))
})
