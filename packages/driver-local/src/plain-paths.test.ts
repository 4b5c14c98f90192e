import { lstatSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { foldersBetween, isSettled, keepsChangeTimes, provePlainPaths } from './plain-paths.ts'
import { passFileTick } from './testing/pass-file-tick.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const home = temporaryFolder()
const root = join(home, 'root')
const middle = join(root, 'middle')
const directory = join(middle, 'directory')
mkdirSync(directory, { recursive: true })
mkdirSync(join(home, 'outside', 'directory'), { recursive: true })

describe.skipIf(!keepsChangeTimes(home))('the proof that plain paths led where they seemed to', () => {
  beforeEach(() => {
    passFileTick(home)
    const later = Date.now() + 3000
    vi.spyOn(Date, 'now').mockReturnValue(later)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('holds while nothing on the way changes, whatever happens in the last folder', () => {
    const holds = provePlainPaths(root, directory)
    writeFileSync(join(directory, 'new'), '')
    unlinkSync(join(directory, 'new'))
    expect(holds?.()).toBe(true)
  })

  it('fails when a folder on the way was swapped for a link and back', () => {
    const holds = provePlainPaths(root, directory)
    renameSync(middle, `${middle}.real`)
    symlinkSync(join(home, 'outside'), middle)
    unlinkSync(middle)
    renameSync(`${middle}.real`, middle)
    expect(holds?.()).toBe(false)
  })

  it('fails when the last folder was swapped for a link and back', () => {
    const holds = provePlainPaths(root, directory)
    renameSync(directory, `${directory}.real`)
    symlinkSync(join(home, 'outside'), directory)
    unlinkSync(directory)
    renameSync(`${directory}.real`, directory)
    expect(holds?.()).toBe(false)
  })

  it('fails while a link is there', () => {
    const holds = provePlainPaths(root, directory)
    renameSync(middle, `${middle}.real`)
    symlinkSync(join(home, 'outside'), middle)
    expect(holds?.()).toBe(false)
    expect(provePlainPaths(root, directory)).toBeUndefined()
    unlinkSync(middle)
    renameSync(`${middle}.real`, middle)
  })

  it('is not attempted when a folder on the way has just changed', () => {
    writeFileSync(join(middle, 'new'), '')
    unlinkSync(join(middle, 'new'))
    const changed = lstatSync(middle).ctimeMs
    for (const [later, isAttempted] of [
      [100, false],
      [2001, true],
    ] as const) {
      vi.spyOn(Date, 'now').mockReturnValue(changed + later)
      expect(provePlainPaths(root, directory) !== undefined).toBe(isAttempted)
    }
  })
})

describe('a change time', () => {
  const now = 1_700_000_001_500
  beforeEach(() => void vi.spyOn(Date, 'now').mockReturnValue(now))
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each([
    ['just now', now, false],
    ['a few ticks ago', now - 101, true],
    ['to come, by another clock', now + 60_000, false],
    ['in whole seconds, of which this one may not be over', now - 1500, false],
    ['in whole seconds, long over', now - 2500, true],
  ])('%s', (_, ctimeMs, expected) => {
    expect(isSettled({ ctimeMs })).toBe(expected)
  })
})

describe('the folders on the way', () => {
  it.each([
    ['/a', '/a', ['/a']],
    ['/a', '/a/b/c', ['/a', '/a/b', '/a/b/c']],
    ['/', '/a/b', ['/', '/a', '/a/b']],
    ['/a', '/ab', []],
  ])('from %s to %s', (top, below, expected) => {
    expect(foldersBetween(top, below)).toEqual(expected)
  })
})
