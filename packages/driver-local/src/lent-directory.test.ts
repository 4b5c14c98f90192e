import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { localAccessOf, parsePath, type StorageDriver } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { openLocalDriver } from './driver.ts'
import { lendDirectory } from './lent-directory.ts'
import { openBelow } from './testing/open-below.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const home = temporaryFolder()
const served = join(home, 'served')
mkdirSync(join(served, 'open/deep'), { recursive: true })
mkdirSync(join(served, 'closed'))
mkdirSync(join(home, 'outside'))
writeFileSync(join(served, 'open/deep/inside.txt'), '')
writeFileSync(join(home, 'outside/secret.txt'), '')
symlinkSync('open/deep', join(served, 'link'))
symlinkSync('../closed', join(served, 'open/to-closed'))
symlinkSync('../outside', join(served, 'out'))

function accessOf(driver: StorageDriver) {
  const access = localAccessOf(driver)
  if (!access) throw new Error('The driver offers no local access.')
  return access
}
const strict = accessOf(openLocalDriver({ root: served, followsSymlinks: false }))
const following = accessOf(openLocalDriver({ root: served, followsSymlinks: true }))

function seenIn(workingDirectory: string): string {
  return spawnSync('ls', { cwd: workingDirectory, encoding: 'utf8' }).stdout.trim()
}

describe('a lent directory', () => {
  it('is said to be where it really stands', () => {
    for (const [access, path, place] of [
      [strict, '', ''],
      [strict, 'link', 'open/deep'],
      [following, 'out', undefined],
    ] as const) {
      const lent = lendDirectory(access, parsePath(path))
      expect([path, lent.place]).toEqual([path, place])
      lent.close()
    }
  })

  it('is no directory outside the root, or where one may not go', () => {
    const narrowed = accessOf(strict.narrowed([parsePath('open')]))
    expect(() => lendDirectory(strict, parsePath('out'))).toThrow(expect.objectContaining({ code: 'NotFound' }))
    expect(() => lendDirectory(narrowed, parsePath('open/to-closed'))).toThrow('not found')
    expect(() => lendDirectory(strict, parsePath('open/deep/inside.txt'))).toThrow(
      expect.objectContaining({ code: 'NotADirectory' }),
    )
  })

  it.runIf(process.platform === 'linux')('stays the same when a link takes its place, and is let go of', () => {
    const before = openBelow(home)
    const lent = lendDirectory(strict, parsePath('open/deep'))
    renameSync(join(served, 'open/deep'), join(served, 'open/moved'))
    symlinkSync('../../outside', join(served, 'open/deep'))
    expect(seenIn(join(served, 'open/deep'))).toBe('secret.txt')
    expect(seenIn(lent.workingDirectory)).toBe('inside.txt')
    expect(openBelow(home)).toBe(before + 1)
    lent.close()
    expect(openBelow(home)).toBe(before)
  })
})
