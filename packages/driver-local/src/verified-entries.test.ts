import { linkSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { localAccessOf, parsePath, StorageError } from '@filegate/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLocalDriver } from './driver.ts'
import { passFileTick } from './testing/pass-file-tick.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const home = temporaryFolder()
const root = join(home, 'root')
mkdirSync(join(root, 'folder'), { recursive: true })
const place = join(root, 'folder', 'file')
const path = parsePath('folder/file')

/** What is told of the file. The clock runs ahead, so that every entry counts as settled and is remembered, and then stands still. */
function access() {
  const local = localAccessOf(openLocalDriver({ root, followsSymlinks: false }))
  if (!local) throw new Error('The driver offers no local access.')
  return local
}

describe('an entry that is asked for again', () => {
  beforeEach(() => {
    writeFileSync(place, 'text')
    // A time that can be set again, to the bit.
    utimesSync(place, 1_600_000_000, 1_600_000_000)
    passFileTick(home)
    const [later, moment] = [Date.now() + 10_000, performance.now()]
    vi.spyOn(Date, 'now').mockReturnValue(later)
    vi.spyOn(performance, 'now').mockReturnValue(moment)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    rmSync(place, { force: true })
  })

  it('is the very same object while nothing changes', () => {
    const local = access()
    expect(local.stat(path)).toBe(local.stat(path))
  })

  it('is not given to who may not reach its place, and is to who may', () => {
    const local = access()
    const narrowed = (within: string) => localAccessOf(local.narrowed([parsePath(within)]))
    const known = local.stat(path)
    expect(narrowed('folder')?.stat(path)).toBe(known)
    expect(() => narrowed('folder/elsewhere')?.stat(path)).toThrow('not found')
  })

  it('is not given under a path that has become a link to where one may not go', () => {
    const local = access()
    const narrowed = localAccessOf(local.narrowed([parsePath('public')]))
    mkdirSync(join(root, 'closed'))
    writeFileSync(join(root, 'closed', 'file'), 'text')
    symlinkSync(join(root, 'closed'), join(root, 'public'))
    expect(local.stat(parsePath('public/file')).kind).toBe('file')
    expect(() => narrowed?.stat(parsePath('public/file'))).toThrow('not found')
  })

  it('is proved anew after a second', () => {
    const local = access()
    const first = local.stat(path)
    const now = performance.now()
    vi.spyOn(performance, 'now').mockReturnValue(now + 1100)
    expect(local.stat(path)).not.toBe(first)
    expect(local.stat(path)).toEqual(first)
  })

  it.each([
    ['it is written in place', () => writeFileSync(place, 'txet')],
    ['its bytes change but its time is set back', () => rewriteKeepingTime()],
    ['another file takes its place', () => replace()],
  ])('has another etag when %s', (_, change) => {
    const local = access()
    const before = local.stat(path)
    change()
    const after = local.stat(path)
    expect(after.kind === 'file' && before.kind === 'file' && after.etag !== before.etag).toBe(true)
  })

  it('is another when only its permissions or links change', () => {
    const local = access()
    const before = local.stat(path)
    linkSync(place, join(root, 'second-name'))
    expect(local.stat(path)).not.toBe(before)
    rmSync(join(root, 'second-name'))
  })

  it('is missing once it is removed, or replaced by what may not be seen', () => {
    const local = access()
    local.stat(path)
    rmSync(place)
    const missing = expect.objectContaining({ code: 'NotFound' })
    expect(() => local.stat(path)).toThrow(StorageError)
    writeFileSync(join(home, 'secret'), 'text')
    symlinkSync(join(home, 'secret'), place)
    expect(() => local.stat(path)).toThrow(missing)
    rmSync(place)
    renameSync(join(root, 'folder'), join(root, 'folder.real'))
    mkdirSync(join(home, 'outside'), { recursive: true })
    writeFileSync(join(home, 'outside', 'file'), 'text')
    symlinkSync(join(home, 'outside'), join(root, 'folder'))
    expect(() => local.stat(path)).toThrow(missing)
    rmSync(join(root, 'folder'))
    renameSync(join(root, 'folder.real'), join(root, 'folder'))
  })
})

function rewriteKeepingTime(): void {
  const { atime, mtime } = statSync(place)
  writeFileSync(place, 'txet')
  utimesSync(place, atime, mtime)
}

function replace(): void {
  const { atime, mtime } = statSync(place)
  writeFileSync(`${place}.new`, 'txet')
  utimesSync(`${place}.new`, atime, mtime)
  renameSync(`${place}.new`, place)
}
