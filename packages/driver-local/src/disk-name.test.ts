import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { baseName, collectBytes, localAccessOf, parentPath, parsePath, StorageError } from '@filegate/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesFromPath, nameFromBytes, nameFromLatin1, nameFromText, needsBytes } from './disk-name.ts'
import { openLocalDriver } from './driver.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { openTree } from './tree.ts'
import { treeReader } from './tree-reader.ts'
import { walkLocal } from './walk.ts'

const diskBytes = (name: string): Uint8Array | undefined => (needsBytes(name) ? bytesFromPath(name) : Buffer.from(name))

/** Bytes of a name, rich in what is special here. */
const someBytes = fc
  .array(
    fc.oneof(
      fc
        .constantFrom('\u201B', '\u201B\u201B', 'FF', 'E2', '80', '9B', '\uFFFD', 'é', '😀', 'a')
        .map((text) => Buffer.from(text)),
      fc.uint8Array({ minLength: 1, maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => Buffer.concat(pieces).filter((byte) => byte !== 0 && byte !== 0x2f))

describe('names of files in other words than UTF-8', () => {
  it.each([
    ['plain', Buffer.from('plain.txt'), 'plain.txt'],
    ['Latin-1', Buffer.from('caf\xe9', 'latin1'), 'caf\u201BE9'],
    ['a character cut short', Buffer.from([0x61, 0xf0, 0x9f]), 'a\u201BF0\u201B9F'],
    ['an encoded surrogate', Buffer.from([0xed, 0xa0, 0x80]), '\u201BED\u201BA0\u201B80'],
    ['an overlong slash', Buffer.from([0xc0, 0xaf]), '\u201BC0\u201BAF'],
    ['a byte order mark, which stays', Buffer.from('\uFEFFa'), '\uFEFFa'],
    ['the replacement character itself', Buffer.from('\uFFFD'), '\uFFFD'],
    ['a mark before something else', Buffer.from('\u201B41'), '\u201B41'],
    ['a mark that looks like an escape', Buffer.from('\u201BFF'), '\u201BE2\u201B80\u201B9BFF'],
  ])('%s', (_, bytes, name) => {
    expect(nameFromBytes(bytes)).toBe(name)
    expect(diskBytes(name)).toEqual(bytes)
  })

  it('every name on disk has one of ours, which leads back to it', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const name = nameFromBytes(bytes)
        expect(name.isWellFormed()).toBe(true)
        expect(Buffer.compare(diskBytes(name) ?? Buffer.alloc(0), bytes)).toBe(0)
        expect(nameFromLatin1(Buffer.from(bytes).toString('latin1'))).toBe(name)
      }),
    )
  })

  it('a name of ours leads to no file, or to the one that is listed under it', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const name = Buffer.from(bytes).toString()
        const disk = diskBytes(name)
        expect(disk === undefined || nameFromBytes(disk) === name).toBe(true)
        expect(nameFromText(name)).toBe(nameFromBytes(Buffer.from(name)))
      }),
    )
  })

  it('a second spelling of a valid name leads nowhere, so it evades no rule about that name', () => {
    expect(bytesFromPath('s\u201BC3\u201BA9cret')).toBeUndefined()
  })
})

describe.skipIf(process.platform !== 'linux')('a folder that holds such names', () => {
  const folder = temporaryFolder()
  const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x61])])
  mkdirSync(odd)
  writeFileSync(Buffer.concat([odd, Buffer.from('/b'), Buffer.from([0xe9])]), 'content')
  writeFileSync(join(folder, '\uFFFDa'), 'another')
  const driver = openLocalDriver({ root: folder, followsSymlinks: false })
  const file = parsePath('\u201BFFa/b\u201BE9')

  it('lists, describes and reads them', async () => {
    const names = (await driver.list(parsePath(''))).items.map(({ name }) => name).toSorted()
    expect(names).toEqual(['\u201BFFa', '\uFFFDa'])
    expect((await driver.list(parsePath('\u201BFFa'), { countChildren: 5 })).items).toMatchObject([{ path: file }])
    expect(await driver.stat(file)).toMatchObject({ kind: 'file', size: 7 })
    const { body } = await driver.read(file)
    expect(new TextDecoder().decode(await collectBytes(body))).toBe('content')
  })

  it('walks them, from above and from within', async () => {
    const access = localAccessOf(driver)
    if (!access) throw new Error('The driver offers no local access.')
    for (const [start, expected] of [
      ['', ['\u201BFFa', file, '\uFFFDa']],
      ['\u201BFFa', [file]],
    ] as const) {
      const found: string[] = []
      for await (const items of walkLocal(access, parsePath(start))) {
        for (const { path } of items) found.push(path)
      }
      expect(new Set(found)).toEqual(new Set<string>(expected))
      const reader = treeReader(openTree(access, parsePath(start)).task)
      const { times } = reader.look(
        found.map((path) => ({
          folder: parentPath(parsePath(path)),
          text: `f${baseName(parsePath(path))}/`,
          places: [0],
        })),
      )
      expect(times.every((time) => time > 0)).toBe(true)
    }
  })

  it('gives no real path of them, because it could not be right', () => {
    expect(() => localAccessOf(driver)?.openDirectory(parsePath('\u201BFFa'))).toThrow(StorageError)
  })
})
