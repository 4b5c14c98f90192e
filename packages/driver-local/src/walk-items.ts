import { joinPath, type StoragePath } from '@filegate/core'
import { type Dirent, lstatSync, opendirSync, readdirSync } from 'node:fs'
import { childPlace } from './directory-names.ts'
import { nameFromBytes, nameFromLatin1, nameFromText } from './disk-name.ts'
import type { WalkItem, WalkOptions } from './walk.ts'

const quiet = { throwIfNoEntry: false } as const
const replacement = '\uFFFD'

/** Where a folder is to be read, and as what. */
export interface Reading {
  readonly path: StoragePath
  readonly disk: string | Buffer
  readonly stat: WalkOptions['stat']
  /** Absent where everything may be reported. */
  readonly reports: ((path: StoragePath, kind: WalkItem['kind']) => boolean) | undefined
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
      addItem(items, reading, child, nameFromLatin1(child.name))
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

function addItem(items: WalkItem[], { path: folder, disk, stat, reports }: Reading, child: Kinded, name: string): void {
  const kind = kindOf(child)
  if (!kind) return
  const path = joinPath(folder, name)
  if (reports?.(path, kind) === false) return
  if (!(typeof stat === 'function' ? stat(path, kind, name, folder) : stat)) {
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
