import { parsePath, streamBytes } from '@filegate/core'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLocalDriver } from '../driver.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'

const path = parsePath('new/folder/file.txt')

const isOtherFileSystem = (folder: string): boolean =>
  existsSync(folder) && statSync(folder).dev !== statSync(tmpdir()).dev

function stage() {
  const base = temporaryFolder()
  const folder = join(base, 'served')
  mkdirSync(folder)
  const driver = openLocalDriver({ root: folder, followsSymlinks: false, changes: { notes: join(base, 'notes') } })
  const file = join(base, 'elsewhere')
  writeFileSync(file, 'content', { mode: 0o600 })
  return { base, folder, driver, file, names: () => readdirSync(folder, { recursive: true }).map(String).toSorted() }
}

describe('adopting a file', () => {
  it('makes it the content of a path without copying, with the permissions of a new file', async () => {
    const { driver, folder, file } = stage()
    const entry = await driver.adopt(path, { file, modified: 1_600_000_000_000 })
    expect(entry).toEqual(await driver.stat(path))
    const [one, other] = [statSync(file), statSync(join(folder, path))]
    expect(one.ino).toBe(other.ino)
    expect(other.mtimeMs).toBe(1_600_000_000_000)
    await driver.write(parsePath('usual.txt'), { body: streamBytes(new Uint8Array(1)) })
    expect(other.mode).toBe(statSync(join(folder, 'usual.txt')).mode)
  })

  it('replaces a file, which keeps its permissions', async () => {
    const { driver, folder, file, names } = stage()
    writeFileSync(join(folder, 'old.txt'), 'old')
    chmodSync(join(folder, 'old.txt'), 0o640)
    await driver.adopt(parsePath('old.txt'), { file })
    expect(readFileSync(join(folder, 'old.txt'), 'utf8')).toBe('content')
    expect(statSync(join(folder, 'old.txt')).mode & 0o777).toBe(0o640)
    expect(names()).toEqual(['old.txt'])
  })

  it('copies a file that has another name already, so that none of them changes with the other', async () => {
    const { base, driver, folder, file } = stage()
    linkSync(file, join(base, 'published'))
    await driver.adopt(path, { file })
    expect(readFileSync(join(folder, path), 'utf8')).toBe('content')
    expect(statSync(join(folder, path)).ino).not.toBe(statSync(file).ino)
  })

  it.runIf(isOtherFileSystem('/dev/shm'))('copies a file from another file system', async () => {
    const { driver, folder } = stage()
    const elsewhere = mkdtempSync('/dev/shm/filegate-')
    try {
      writeFileSync(join(elsewhere, 'file'), 'content', { mode: 0o600 })
      await driver.adopt(path, { file: join(elsewhere, 'file'), conditions: { ifNoneMatch: ['*'] } })
      expect(readFileSync(join(folder, path), 'utf8')).toBe('content')
      expect(statSync(join(folder, path)).mode & 0o400).toBe(0o400)
      expect(readdirSync(join(folder, 'new/folder'))).toEqual(['file.txt'])
    } finally {
      rmSync(elsewhere, { recursive: true })
    }
  })

  it('changes nothing when a condition does not hold', async () => {
    const { driver, folder, file, names } = stage()
    writeFileSync(join(folder, 'old.txt'), 'old')
    const adopting = driver.adopt(parsePath('old.txt'), { file, conditions: { ifNoneMatch: ['*'] } })
    await expect(adopting).rejects.toMatchObject({ code: 'PreconditionFailed' })
    expect(readFileSync(join(folder, 'old.txt'), 'utf8')).toBe('old')
    expect(names()).toEqual(['old.txt'])
    expect(readFileSync(file, 'utf8')).toBe('content')
  })

  it('makes a file where none is, once only, under the condition that there is none', async () => {
    const { driver, file, names } = stage()
    await driver.adopt(path, { file, conditions: { ifNoneMatch: ['*'] } })
    expect(names()).toEqual(['new', 'new/folder', 'new/folder/file.txt'])
  })

  it('does not take what a link leads to', async () => {
    const { base, driver, names } = stage()
    symlinkSync('/etc/hostname', join(base, 'link'))
    await expect(driver.adopt(path, { file: join(base, 'link') })).rejects.toMatchObject({ name: 'StorageError' })
    expect(names()).toEqual([])
  })
})
