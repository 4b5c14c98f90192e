import { parsePath, streamBytes } from '@filegate/core'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { openLocalDriver } from '../driver.ts'
import { openBelow } from '../testing/open-below.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'

function stage() {
  const base = temporaryFolder()
  const [folder, outside] = [join(base, 'served'), join(base, 'outside')]
  for (const made of [folder, outside, join(folder, 'inside')]) mkdirSync(made)
  const changes = openLocalDriver({ root: folder, followsSymlinks: false, changes: { durable: false } })
  const put = (path: string, text: string) => {
    const whole = Buffer.from(text)
    return changes.write(parsePath(path), { body: streamBytes(whole), whole, size: whole.byteLength })
  }
  return { folder, outside, put }
}

describe('files that come into one folder one after the other', () => {
  it('go to the folder that stands at the path by then', async () => {
    const { folder, put } = stage()
    await put('inside/one', '1')
    renameSync(join(folder, 'inside'), join(folder, 'moved'))
    mkdirSync(join(folder, 'inside'))
    await put('inside/two', '2')
    expect(readdirSync(join(folder, 'moved'))).toEqual(['one'])
    expect(readFileSync(join(folder, 'inside/two'), 'utf8')).toBe('2')
  })

  it('have the folder made anew when it was removed', async () => {
    const { folder, put } = stage()
    await put('inside/one', '1')
    rmSync(join(folder, 'inside'), { recursive: true })
    await put('inside/two', '2')
    expect(readdirSync(join(folder, 'inside'))).toEqual(['two'])
  })

  it('do not go where a link leads that took its place', async () => {
    const { folder, outside, put } = stage()
    await put('inside/one', '1')
    renameSync(join(folder, 'inside'), join(folder, 'moved'))
    symlinkSync(outside, join(folder, 'inside'))
    await expect(put('inside/two', '2')).rejects.toThrow(/inside/)
    expect(readdirSync(outside)).toEqual([])
  })

  it.runIf(process.platform === 'linux')('leave no folder open', async () => {
    const { folder, put } = stage()
    await Promise.all(Array.from({ length: 20 }, (_, number) => put(`inside/${number}/file`, 'text')))
    await vi.waitFor(() => expect(openBelow(folder)).toBe(0), 10_000)
  })
})
