import { joinPath, type StoragePath } from '@filegate/core'
import { type Dirent, lstatSync, opendirSync, readdirSync } from 'node:fs'
import { childPlace } from './directory-names.ts'
import { nameFromBytes, nameFromText } from './disk-name.ts'
import type { WalkItem } from './walk.ts'

const quiet = { throwIfNoEntry: false } as const
const replacement = '\uFFFD'

/** Where a folder is to be read, and as what. */
export interface Reading {
  readonly path: StoragePath
  readonly disk: string | Buffer
  /** Whether `size` and `modified` are asked for. */
  readonly stat: boolean
}

export function readItems(reading: Reading): WalkItem[] {
  const items: WalkItem[] = []
  for (const child of readdirSync(reading.disk, { withFileTypes: true })) {
    if (child.name.includes(replacement)) return readItemsByBytes(reading)
    addItem(items, reading, child, nameFromText(child.name))
  }
  return items
}

/** The slow way, for folders with names that are not UTF-8. */
function readItemsByBytes(reading: Reading): WalkItem[] {
  const items: WalkItem[] = []
  for (const child of readdirSync(reading.disk, { withFileTypes: true, encoding: 'buffer' })) {
    addItem(items, reading, child, nameFromBytes(child.name))
  }
  return items
}

/** The items of a folder of any size, so many at a time. */
export function* readItemsInBatches(reading: Reading, batchSize: number): Generator<WalkItem[], void, undefined> {
  const reader = opendirSync(reading.disk, { bufferSize: 1024, encoding: 'latin1' })
  try {
    let items: WalkItem[] = []
    for (let child = reader.readSync(); child; child = reader.readSync()) {
      // In Latin-1 each character stands for one byte.
      addItem(items, reading, child, nameFromBytes(Buffer.from(child.name, 'latin1')))
      if (items.length < batchSize) continue
      yield items
      items = []
    }
    yield items
  } finally {
    reader.closeSync()
  }
}

type Kinded = Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>

function addItem(items: WalkItem[], { path: folder, disk, stat }: Reading, child: Kinded, name: string): void {
  const kind = kindOf(child)
  if (!kind) return
  const path = joinPath(folder, name)
  if (!stat) {
    items.push({ path, name, kind, size: undefined, modified: undefined })
    return
  }
  const stats = lstatSync(childPlace(disk, name), quiet)
  if (stats) items.push({ path, name, kind, size: kind === 'file' ? stats.size : undefined, modified: stats.mtimeMs })
}

function kindOf(child: Kinded): WalkItem['kind'] | undefined {
  if (child.isFile()) return 'file'
  if (child.isDirectory()) return 'directory'
  return child.isSymbolicLink() ? 'link' : undefined
}
