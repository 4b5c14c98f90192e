import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { directoryNames } from './directory-names.ts'
import { type DirectoryTask, directoryRows } from './directory-rows.ts'
import { locatorFor } from './locator.ts'
import { comparingLocator } from './locator-portable.ts'
import { isBelow } from './place.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const root = temporaryFolder()
const outside = temporaryFolder()
const folder = join(root, 'folder')
mkdirSync(join(folder, 'below'), { recursive: true })
writeFileSync(join(folder, 'below', 'file'), '')
writeFileSync(join(folder, 'file'), 'text')
writeFileSync(join(outside, 'file'), 'secret')
symlinkSync('file', join(folder, 'link'))
symlinkSync(join(outside, 'file'), join(folder, 'outwards'))

const portable = comparingLocator(({ realPath }) => isBelow(root, realPath))
const linux = locatorFor(root, false)
const pin = linux.openDirectory(folder, () => undefined)
afterAll(() => pin?.close())

const pinned: DirectoryTask = {
  root,
  followsSymlinks: false,
  provable: false,
  pinned: true,
  pinnedPath: pin?.pinnedPath ?? folder,
  realPath: folder,
  countLimit: 10,
  inHaste: false,
}
const compared: DirectoryTask = { ...pinned, pinned: false, pinnedPath: folder }
const names = [...(directoryNames(folder) ?? []), 'gone']

describe('the rows of a directory', () => {
  it('leave out what is gone or leads outside', () => {
    const rows = directoryRows(pinned, linux, names)
    expect(new Map(rows.map(({ name, target, children }) => [name, { target, children }]))).toEqual(
      new Map([
        ['below', { target: undefined, children: 1 }],
        ['file', { target: undefined, children: undefined }],
        ['link', { target: 'file', children: undefined }],
      ]),
    )
    expect(rows.find(({ name }) => name === 'link')?.facts.size).toBe(4)
  })

  it.each([
    ['by plain paths with a proof', { ...pinned, provable: true }, linux],
    ['by comparing before and after, where nothing can be pinned', compared, portable],
    ['by comparing before and after, where links may lead anywhere', { ...compared, followsSymlinks: true }, portable],
  ] as const)('are the same %s', (_, task, locator) => {
    expect(directoryRows(task, locator, names)).toEqual(directoryRows(pinned, linux, names))
  })

  it('are none when the directory was replaced by a link and cannot be pinned', () => {
    renameSync(folder, `${folder}.real`)
    symlinkSync(outside, folder)
    expect(directoryRows(compared, portable, names)).toEqual([])
    expect(directoryRows(pinned, linux, names).map(({ name }) => name)).toContain('below')
  })
})
