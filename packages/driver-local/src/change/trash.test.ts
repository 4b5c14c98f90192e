import { parsePath, streamBytes } from '@filegate/core'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLocalDriver } from '../driver.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { trashName } from './temporary-name.ts'

const inTrash = parsePath(`${trashName}/one`)

function stage() {
  const folder = temporaryFolder()
  mkdirSync(join(folder, trashName))
  writeFileSync(join(folder, 'plan.txt'), 'the plan')
  const usual = openLocalDriver({ root: folder, followsSymlinks: false })
  const keeper = openLocalDriver({ root: folder, followsSymlinks: false, reachesTrash: true })
  return { folder, usual, keeper, names: async () => (await usual.list(parsePath(''))).items.map(({ name }) => name) }
}

describe('the trash', () => {
  it('is reached by its keeper alone', async () => {
    const { folder, usual, keeper, names } = stage()
    await keeper.move(parsePath('plan.txt'), { destination: inTrash, overwrite: false })
    expect(readFileSync(join(folder, inTrash), 'utf8')).toBe('the plan')
    expect(await names()).toEqual([])
    for (const path of [inTrash, parsePath(trashName), parsePath(`${trashName}/`)]) {
      await expect(usual.stat(path)).rejects.toMatchObject({ code: 'NotFound' })
      await expect(usual.remove(path)).rejects.toMatchObject({ code: 'NotFound' })
      await expect(usual.list(path)).rejects.toMatchObject({ code: 'NotFound' })
      await expect(usual.move(path, { destination: parsePath('x'), overwrite: false })).rejects.toMatchObject({
        code: 'NotFound',
      })
      const body = streamBytes(new Uint8Array())
      await expect(usual.write(path, { body, size: 0 })).rejects.toMatchObject({ code: 'InvalidPath' })
    }
    await expect(usual.makeDirectory(parsePath(`a/${trashName}`))).rejects.toMatchObject({ code: 'InvalidPath' })
    expect(existsSync(join(folder, inTrash))).toBe(true)
  })

  it('gives its keeper nothing else that is hidden', async () => {
    const { keeper } = stage()
    for (const path of [`.filegate-0123456789abcdef.part`, `${trashName}/${trashName}`, `a/${trashName}/b`]) {
      await expect(keeper.makeDirectory(parsePath(path))).rejects.toMatchObject({ code: 'InvalidPath' })
    }
  })

  it('gives back links that lead nowhere from where it is', async () => {
    const { folder, usual, keeper } = stage()
    mkdirSync(join(folder, 'deep'))
    symlinkSync('../plan.txt', join(folder, 'deep', 'link'))
    const path = parsePath('deep/link')
    await keeper.move(path, { destination: inTrash, overwrite: false })
    await expect(usual.stat(path)).rejects.toMatchObject({ code: 'NotFound' })
    await keeper.move(inTrash, { destination: path, overwrite: false })
    expect(await usual.stat(path)).toMatchObject({ kind: 'file', size: 8 })
    await keeper.move(path, { destination: inTrash, overwrite: false })
    await keeper.remove(inTrash)
    expect(existsSync(join(folder, inTrash))).toBe(false)
    expect(await usual.stat(parsePath('plan.txt'))).toMatchObject({ size: 8 })
  })
})
