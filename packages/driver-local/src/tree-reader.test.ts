import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { localAccessOf, parsePath, type StoragePath } from '@filegate/core'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openLocalDriver } from './driver.ts'
import { entryText } from './folder-text.ts'
import { createKnownFolders, type KnownFolders } from './known-folders.ts'
import { passFileTick } from './testing/pass-file-tick.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { openTree } from './tree.ts'
import { treeReader, type TreeReader } from './tree-reader.ts'

const home = temporaryFolder()
const path = parsePath

afterEach(() => {
  vi.useRealTimers()
})

function readerOf(root: string, { start = '', known }: { start?: string; known?: KnownFolders } = {}): TreeReader {
  const access = localAccessOf(openLocalDriver({ root, followsSymlinks: false }))
  if (!access) throw new Error('The driver offers no local access.')
  return treeReader(openTree(access, path(start)).task, known)
}

/** As if what happened before were long ago: what happens from now on bears another time. */
function waitLong(): void {
  passFileTick(home)
  vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] })
}

const sorted = (text: string | undefined): string[] | undefined => text?.split('/').toSorted()

/** What the disk says. */
function entriesOf(folder: string): string[] {
  const text = readdirSync(folder, { withFileTypes: true }).map((entry) =>
    entryText(entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'link' : 'file', entry.name),
  )
  return text.join('').split('/').toSorted()
}

function plant(): string {
  const root = mkdtempSync(join(home, 'tree-'))
  mkdirSync(join(root, 'a/b'), { recursive: true })
  writeFileSync(join(root, 'a/file'), 'four')
  symlinkSync('b', join(root, 'a/link'))
  return root
}

describe('reading a tree', () => {
  it('tells what folders hold, and nothing of what is no folder in it', () => {
    const root = plant()
    const asked = ['a', 'a/b', 'a/link', 'a/file', 'nowhere/x', ''].map(path)
    const texts = readerOf(root)
      .read(asked)
      .map(({ text }) => sorted(text))
    expect(texts).toEqual([sorted('db/ffile/llink/'), [''], undefined, undefined, undefined, sorted('da/')])
    expect(readerOf(root, { start: 'a/b' }).read([path('a')])).toMatchObject([{ text: undefined }])
  })

  it('stops in time, but not before it has read one', () => {
    const root = plant()
    expect(readerOf(root).read([path('a'), path('')], 0)).toHaveLength(1)
  })

  it('reads a large folder in parts', () => {
    const root = plant()
    for (let number = 0; number < 3000; number++)
      linkSync(join(root, 'a/file'), join(root, 'a/b', `a-rather-long-name-${number}`))
    const reader = readerOf(root)
    expect(reader.read([path('a/b')])).toMatchObject([{ text: undefined, isLarge: true }])
    const parts = [...reader.readInParts(path('a/b'))]
    expect(parts.length).toBeGreaterThan(2)
    expect(sorted(parts.join(''))).toEqual(entriesOf(join(root, 'a/b')))
    expect([...reader.readInParts(path('a/link'))]).toEqual([])
  })

  it('looks at files and folders, and not at what links lead to', () => {
    const root = plant()
    utimesSync(join(root, 'a/file'), 1, 7)
    const { mtimeMs } = lstatSync(join(root, 'a/b'))
    const groups = [
      { folder: path('a'), text: 'ffile/llink/fgone/db/', places: [0, 6, 12, 18] },
      { folder: path('a/link'), text: 'fx/', places: [0] },
      { folder: path(''), text: 'da/', places: [0] },
    ]
    const { sizes, times } = readerOf(root).look(groups)
    expect([...sizes]).toEqual([4, NaN, NaN, NaN, NaN, NaN])
    expect([...times]).toEqual([7000, NaN, NaN, mtimeMs, NaN, lstatSync(join(root, 'a')).mtimeMs])
  })
})

describe('what folders hold', () => {
  it('is known from then on, if their last change was long before they were read', () => {
    // Until then no time passes.
    vi.useFakeTimers({ toFake: ['Date'] })
    const root = plant()
    const known = createKnownFolders()
    const reader = readerOf(root, { known })
    reader.read([path('a')])
    expect(reader.knows(path('a'))).toBe(false)
    waitLong()
    reader.read([path('a')])
    expect(reader.knows(path('a'))).toBe(true)
    expect(readerOf(root, { known, start: 'a' }).knows(path('a'))).toBe(true)
    // What is known is not read: this is not on the disk.
    known.remember(join(root, 'a'), lstatSync(join(root, 'a')), 'fmade up/')
    expect(reader.read([path('a')])).toMatchObject([{ text: 'fmade up/' }])
    writeFileSync(join(root, 'a/new'), '')
    expect(sorted(reader.read([path('a')])[0]?.text)).toEqual(entriesOf(join(root, 'a')))
  })

  it('is known from what was read in another thread', () => {
    const root = plant()
    waitLong()
    const [reading] = readerOf(root).read([path('a')])
    const reader = readerOf(root, { known: createKnownFolders() })
    if (reading) reader.remember(path('a'), structuredClone(reading))
    expect(reader.knows(path('a'))).toBe(true)
    expect(reader.read([path('a')])).toMatchObject([{ text: reading?.text, stamp: undefined }])
  })

  it('is what the disk says, whatever was changed between two times', () => {
    const places = ['', 'a', 'a/b', 'a/c', 'd']
    const place = fc.constantFrom(...places)
    const name = fc.constantFrom('b', 'c', 'd', 'x', 'y')
    const change = fc.record({
      kind: fc.constantFrom('write', 'make', 'remove', 'move', 'link', 'swap', 'nothing'),
      from: place,
      name,
      to: place,
      other: name,
      longAgo: fc.boolean(),
    })
    const property = fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      vi.useRealTimers()
      const root = plant()
      const reader = readerOf(root, { known: createKnownFolders() })
      for (const { longAgo, ...one } of changes) {
        apply(root, one)
        vi.useRealTimers()
        if (longAgo) waitLong()
        const readings = reader.read(places.map(path))
        expect(readings.map(({ text }) => sorted(text))).toEqual(places.map((inner) => entriesIn(root, path(inner))))
      }
      rmSync(root, { recursive: true })
    })
    fc.assert(property, { numRuns: 150 })
    expect.hasAssertions()
  })
})

/** Undefined where there is no folder, or a link on the way. */
function entriesIn(root: string, inner: StoragePath): string[] | undefined {
  let at = root
  for (const name of inner === '' ? [] : inner.split('/')) {
    at = join(at, name)
    if (!lstatSync(at, { throwIfNoEntry: false })?.isDirectory()) return undefined
  }
  return entriesOf(at)
}

type Change = Readonly<Record<'kind' | 'from' | 'name' | 'to' | 'other', string>>

/** What cannot be done is left out. */
function apply(root: string, { kind, from, name, to, other }: Change): void {
  const [one, two] = [join(root, from, name), join(root, to, other)]
  const changes: Readonly<Record<string, () => void>> = {
    write: () => writeFileSync(one, 'text'),
    make: () => mkdirSync(one),
    remove: () => rmSync(one, { recursive: true }),
    move: () => renameSync(one, two),
    link: () => symlinkSync(two, one),
    swap() {
      renameSync(one, join(root, 'between'))
      renameSync(two, one)
      renameSync(join(root, 'between'), two)
    },
  }
  try {
    changes[kind]?.()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}
