import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collectBytes, type Entry, localAccessOf, parsePath, StorageError } from '@filegate/core'
import { afterAll, describe, expect, it } from 'vitest'
import { openLocalDriver } from './driver.ts'
import { whileSwapping } from './testing/swapper.ts'
import { until } from './testing/swapping-thread.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { createKnownFolders } from './known-folders.ts'
import { openTree } from './tree.ts'
import { treeReader } from './tree-reader.ts'
import { walkLocal } from './walk.ts'

const home = temporaryFolder()
const served = join(home, 'served')
const outside = join(home, 'outside')
for (const [folder, letter] of [
  [join(served, 'folder'), 'i'],
  [outside, 'OO'],
] as const) {
  mkdirSync(join(folder, 'deeper'), { recursive: true })
  writeFileSync(join(folder, 'file.txt'), letter.repeat(5000))
  writeFileSync(join(folder, `only-${letter}.txt`), '')
  writeFileSync(join(folder, 'deeper', `deep-${letter}.txt`), letter)
}

/** As a server keeps it; that it is never wrong is asked elsewhere. */
const known = createKnownFolders()
const strict = openLocalDriver({ root: served, followsSymlinks: false })
const following = openLocalDriver({ root: served, followsSymlinks: true })
afterAll(async () => {
  await Promise.all([strict.close(), following.close()])
})

/** What a moment of the swap may bring in place of an answer. */
const expected: ReadonlySet<string> = new Set(['NotFound', 'NotADirectory', 'IsADirectory'])

async function unlessGone(work: () => Promise<void> | void): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!StorageError.is(error) || !expected.has(error.code)) throw error
  }
}

/** Everything that can be learnt about the served folder, as text. What lies outside shows by a capital O. */
async function look(driver: typeof strict, seen: Set<string>): Promise<void> {
  const file = parsePath('folder/file.txt')
  const access = localAccessOf(driver)
  if (!access) throw new Error('The driver offers no local access.')
  await unlessGone(async () => {
    const { entry, body } = await driver.read(file)
    seen.add(`read ${new TextDecoder().decode(await collectBytes(body)).slice(0, 2)} ${entry.size}`)
  })
  await unlessGone(() => void seen.add(`stat ${JSON.stringify(access.stat(file).kind)} ${sizeOf(access.stat(file))}`))
  await unlessGone(() => void seen.add(`real ${access.openDirectory(parsePath('folder/deeper')).realPath}`))
  await unlessGone(async () => {
    for (const entry of (await driver.list(parsePath('folder'), { countChildren: 10 })).items) {
      seen.add(`list ${entry.name} ${sizeOf(entry)}`)
    }
  })
  await unlessGone(async () => {
    for await (const items of walkLocal(access, parsePath(''))) {
      for (const { path } of items) seen.add(`walk ${path}`)
    }
  })
  await unlessGone(() => {
    const reader = treeReader(openTree(access, parsePath('')).task, known)
    const folders = ['folder', 'folder/deeper'].map(parsePath)
    for (const { text } of reader.read(folders)) seen.add(`folder ${text}`)
    const { sizes } = reader.look(
      folders.map((path) => ({ folder: path, text: 'ffile.txt/fdeep-i.txt/', places: [0, 10] })),
    )
    seen.add(`look ${sizes.join(' ')}`)
  })
}

const sizeOf = (entry: Entry): number | undefined => (entry.kind === 'file' ? entry.size : undefined)

/** The file outside has 10,000 bytes. */
const isSecret = (fact: string): boolean => /O|10000|outside/.test(fact.replace(home, ''))

const attacks = [
  ['folder', outside],
  ['folder/file.txt', join(outside, 'file.txt')],
  ['folder/deeper', join(outside, 'deeper')],
] as const

describe('while a thread swaps something for a link to the outside and back, as fast as it can', () => {
  it.each(attacks)('nothing of the outside shows: %s', async (place, target) => {
    const seen = new Set<string>()
    const swaps = await whileSwapping(join(served, place), target, ({ count }) => {
      const isEnough = (): boolean => count() > 100 && seen.size > 3
      return until(1200, isEnough, () => look(strict, seen))
    })
    expect(swaps).toBeGreaterThan(100)
    expect([...seen].filter(isSecret)).toEqual([])
    expect(seen.size).toBeGreaterThan(3)
  })

  it('a driver that follows links does show it, so the attack is a real one', async () => {
    const seen = new Set<string>()
    await whileSwapping(join(served, 'folder'), outside, () =>
      until(
        0,
        () => [...seen].some(isSecret),
        () => look(following, seen),
      ),
    )
    expect([...seen].some(isSecret)).toBe(true)
  })
})
