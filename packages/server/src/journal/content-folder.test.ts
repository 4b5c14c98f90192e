import { hash as digestOf } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectBytes } from '@filegate/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openContentFolder } from './content-folder.ts'
import { type ContentStore, createContentStore } from './content-store.ts'

let directory: string
let contents: ContentStore
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'filegate-contents-'))
  contents = createContentStore(openContentFolder(join(directory, 'contents'), join(directory, 'notes')))
})
afterEach(() => rmSync(directory, { recursive: true }))

const sizes = [0, 1, 100_000, 300_000]

it.each(sizes)('keeps a content of %i bytes once', async (size) => {
  const bytes = new Uint8Array(size).fill(7)
  const hash = digestOf('sha256', bytes)
  await Promise.all([contents.put(hash, bytes), contents.put(hash, bytes)])
  await contents.put(hash, bytes)
  expect(Buffer.from(await collectBytes((await contents.read(hash)).body))).toEqual(Buffer.from(bytes))
  expect(readdirSync(join(directory, 'contents', hash.slice(0, 2)))).toEqual([hash])
})

it.each(sizes)('leaves nothing behind of %i bytes that could not be written', async (size) => {
  const bytes = new Uint8Array(size).fill(7)
  const hash = digestOf('sha256', bytes)
  const folder = join(directory, 'contents', hash.slice(0, 2))
  mkdirSync(join(folder, hash, 'in the way'), { recursive: true })
  await expect(contents.put(hash, bytes)).rejects.toThrow(/directory|file/i)
  expect(readdirSync(folder)).toEqual([hash])
})
