import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createThumbnailCache } from './thumbnail-cache.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'filegate-'))
  folders.push(folder)
  return folder
}

const bytes = new Uint8Array(1000)

test('what one server keeps on disk, the next one finds', async () => {
  const folder = newFolder()
  await createThumbnailCache(folder).set('aa', bytes)
  const next = createThumbnailCache(folder)
  expect(await next.get('aa')).toEqual(bytes)
  expect(await next.get('bb')).toBeUndefined()
})

test('the oldest go when there is too much on disk', async () => {
  const folder = newFolder()
  const cache = createThumbnailCache(folder, { mostOnDisk: 5000, keptOnDisk: 3000 })
  for (const [age, key] of ['a0', 'a1', 'a2', 'a3', 'a4'].entries()) {
    await cache.set(key, bytes)
    utimesSync(join(folder, 'thumbnails', key), 1000 + age, 1000 + age)
  }
  expect(readdirSync(join(folder, 'thumbnails'))).toHaveLength(5)
  await cache.set('a5', bytes)
  expect(readdirSync(join(folder, 'thumbnails')).toSorted()).toEqual(['a3', 'a4', 'a5'])
})

test('without a folder, or with one that cannot be written, thumbnails are kept in memory', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'thumbnails'), 'in the way')
  for (const cache of [createThumbnailCache(undefined), createThumbnailCache(folder)]) {
    await cache.set('aa', bytes)
    expect(await cache.get('aa')).toEqual(bytes)
  }
})
