import { parsePath, streamBytes } from '@filegate/core'
import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLocalDriver } from '../driver.ts'
import { whileRelinking } from '../testing/link-swapper.ts'
import { until } from '../testing/swapping-thread.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'

const bytes = (text: string): { body: ReadableStream<Uint8Array>; size: number } => ({
  body: streamBytes(Buffer.from(text)),
  size: Buffer.byteLength(text),
})

function stage() {
  const base = temporaryFolder()
  const [folder, outside] = [join(base, 'served'), join(base, 'outside')]
  mkdirSync(folder)
  mkdirSync(join(outside, 'deep'), { recursive: true })
  writeFileSync(join(outside, 'secret.txt'), 'secret')
  writeFileSync(join(outside, 'deep', 'kept.txt'), 'kept')
  const driver = openLocalDriver({ root: folder, followsSymlinks: false })
  const write = (path: string, text: string) => driver.write(parsePath(path), bytes(text))
  return { folder, outside, driver, write }
}

describe('changing the served folder', () => {
  it('never goes through a link that leads out of it', async () => {
    const { folder, outside, driver, write } = stage()
    symlinkSync(outside, join(folder, 'way'))
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'secret'))
    await write('own.txt', 'own')
    const attempts = [
      write('way/new.txt', 'x'),
      write('way/secret.txt', 'x'),
      write('secret', 'x'),
      driver.append(parsePath('secret'), bytes('x')),
      driver.writeRange(parsePath('secret'), { ...bytes('x'), start: 0 }),
      driver.remove(parsePath('way/secret.txt')),
      driver.remove(parsePath('way')),
      driver.makeDirectory(parsePath('way/folder')),
      driver.copy(parsePath('way/secret.txt'), { destination: parsePath('stolen.txt') }),
      driver.copy(parsePath('own.txt'), { destination: parsePath('way/given.txt') }),
      driver.copy(parsePath('own.txt'), { destination: parsePath('secret'), overwrite: true }),
      driver.move(parsePath('own.txt'), { destination: parsePath('way/given.txt') }),
      driver.setMode(parsePath('secret'), { mode: 0o777 }),
      driver.setModified(parsePath('secret'), { modified: 1 }),
    ]
    const outcomes = await Promise.allSettled(attempts)
    expect(outcomes.map(({ status }) => status)).toEqual(attempts.map(() => 'rejected'))
    expect(readdirSync(outside).toSorted()).toEqual(['deep', 'secret.txt'])
    expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe('secret')
    expect(readdirSync(folder).toSorted()).toEqual(['own.txt', 'secret', 'way'])
  })

  it('follows a link inside, and removes and moves the link itself', async () => {
    const { folder, driver, write } = stage()
    await write('real/file.txt', 'first')
    symlinkSync('real/file.txt', join(folder, 'link'))
    await write('link', 'second')
    expect(readFileSync(join(folder, 'real/file.txt'), 'utf8')).toBe('second')
    expect(readlinkSync(join(folder, 'link'))).toBe('real/file.txt')
    await driver.move(parsePath('link'), { destination: parsePath('moved') })
    expect(lstatSync(join(folder, 'moved')).isSymbolicLink()).toBe(true)
    await driver.remove(parsePath('moved'))
    expect(readFileSync(join(folder, 'real/file.txt'), 'utf8')).toBe('second')
  })

  it('removes and copies links in a folder as links', async () => {
    const { folder, outside, driver, write } = stage()
    await write('tree/a/file.txt', 'x')
    symlinkSync(outside, join(folder, 'tree/a/way'))
    symlinkSync('..', join(folder, 'tree/a/circle'))
    await driver.copy(parsePath('tree'), { destination: parsePath('copy') })
    expect(readlinkSync(join(folder, 'copy/a/way'))).toBe(outside)
    await driver.remove(parsePath('tree'))
    await driver.remove(parsePath('copy'))
    expect(readdirSync(folder)).toEqual([])
    expect(readFileSync(join(outside, 'deep/kept.txt'), 'utf8')).toBe('kept')
  })

  it.skipIf(process.platform === 'win32')('opens no pipe, replaces none and copies none', async () => {
    const { folder, driver, write } = stage()
    await write('tree/file.txt', 'x')
    execFileSync('mkfifo', [join(folder, 'tree', 'pipe')])
    const pipe = parsePath('tree/pipe')
    const attempts = [
      write('tree/pipe', 'x'),
      driver.append(pipe, bytes('x')),
      driver.setMode(pipe, { mode: 0o777 }),
      driver.remove(pipe),
      driver.copy(parsePath('tree/file.txt'), { destination: pipe, overwrite: true }),
    ]
    const outcomes = await Promise.allSettled(attempts)
    expect(outcomes.map(({ status }) => status)).toEqual(attempts.map(() => 'rejected'))
    await driver.copy(parsePath('tree'), { destination: parsePath('copy') })
    expect(readdirSync(join(folder, 'copy'))).toEqual(['file.txt'])
    expect(lstatSync(join(folder, 'tree/pipe')).isFIFO()).toBe(true)
  })

  it('keeps names for itself that nobody is shown', async () => {
    const { folder, driver, write } = stage()
    const name = '.filegate-0123456789abcdef.part'
    writeFileSync(join(folder, name), 'half')
    expect((await driver.list(parsePath(''))).items).toEqual([])
    await expect(driver.stat(parsePath(name))).rejects.toMatchObject({ code: 'NotFound' })
    await expect(write(name, 'x')).rejects.toMatchObject({ code: 'InvalidPath' })
    await expect(driver.remove(parsePath(name))).rejects.toMatchObject({ code: 'NotFound' })
  })

  it.skipIf(process.platform !== 'linux')('stays inside while a link on the way changes where it leads', async () => {
    const { folder, outside, driver, write } = stage()
    await write('inside/deep/kept.txt', 'inside')
    symlinkSync('inside', join(folder, 'way'))
    let done = 0
    let refused = 0
    const swaps = await whileRelinking(join(folder, 'way'), ['inside', outside], ({ count }) => {
      const isEnough = (): boolean => count() > 10 && done > 0 && refused > 0
      return until(600, isEnough, async () => {
        const outcomes = await Promise.allSettled([
          write(`way/new-${done}.txt`, 'x'),
          write('way/secret.txt', 'overwritten'),
          driver.append(parsePath('way/secret.txt'), bytes('x')),
          driver.makeDirectory(parsePath(`way/folder-${done}`)),
          driver.remove(parsePath('way/deep')),
          driver.copy(parsePath('way/secret.txt'), { destination: parsePath('copy.txt'), overwrite: true }),
        ])
        done += outcomes.filter(({ status }) => status === 'fulfilled').length
        refused += outcomes.filter(({ status }) => status === 'rejected').length
      })
    })
    expect(swaps).toBeGreaterThan(10)
    expect(done).toBeGreaterThan(0)
    expect(refused).toBeGreaterThan(0)
    expect(readdirSync(outside).toSorted()).toEqual(['deep', 'secret.txt'])
    expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe('secret')
    expect(readFileSync(join(outside, 'deep/kept.txt'), 'utf8')).toBe('kept')
  })
})
