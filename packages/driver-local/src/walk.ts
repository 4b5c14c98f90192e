import { joinPath, type LocalAccess, type Operation, type StoragePath, throwIfAborted } from '@filegate/core'
import { setImmediate } from 'node:timers/promises'
import { eachEntry, type EntryKind, type FolderText } from './folder-text.ts'
import { asStorageError } from './storage-error.ts'
import { openTree } from './tree.ts'
import { treeReader } from './tree-reader.ts'

/** Something below the start of a walk. */
export interface WalkItem {
  readonly path: StoragePath
  readonly name: string
  /** A link is never followed; `LocalAccess.stat` says what it leads to, if that may be known. */
  readonly kind: EntryKind
}

export interface WalkOptions extends Operation {
  /** Whether to look into a directory; it is reported either way. It has to be fast. */
  readonly enter?: ((path: StoragePath) => boolean) | undefined
  /** Told what a folder holds, or only the first of it, before anything in it is asked about or reported. */
  readonly onFolder?: ((folder: StoragePath, text: FolderText, isWhole: boolean) => void) | undefined
}

/** Milliseconds of work between two turns of the event loop. */
const sliceTime = 3
/** Folders read between two proofs that the tree stood still. */
const batchLimit = 128

/**
 * Everything below `start`, in no particular order, in batches. It works on the calling thread in slices of about 3 ms.
 * A folder that may not be read, or is gone, counts as empty. A folder that is swapped for a link meanwhile leads
 * nowhere: nothing outside the root is reported.
 * @throws StorageError when `start` is no directory, or `Aborted`.
 */
export async function* walkLocal(
  access: LocalAccess,
  start: StoragePath,
  options: WalkOptions = {},
): AsyncGenerator<readonly WalkItem[], void, undefined> {
  throwIfAborted(options.signal)
  const { task, reports } = openTree(access, start)
  const reader = treeReader(task)
  const pending = [start]

  function itemsOf(folder: StoragePath, text: FolderText): WalkItem[] {
    const items: WalkItem[] = []
    eachEntry(text, (name, kind) => {
      const path = joinPath(folder, name)
      if (reports?.(path, kind) === false) return
      items.push({ path, name, kind })
      if (kind === 'directory' && options.enter?.(path) !== false) pending.push(path)
    })
    return items
  }

  try {
    while (pending.length > 0) {
      const next = pending.slice(-batchLimit).reverse()
      const readings = reader.read(next, performance.now() + sliceTime)
      pending.length -= readings.length
      const large = next.filter((_, place) => readings[place]?.isLarge)
      const items: WalkItem[] = []
      for (const [place, { text }] of readings.entries()) {
        const folder = next[place]
        if (folder === undefined || text === undefined) continue
        options.onFolder?.(folder, text, true)
        for (const item of itemsOf(folder, text)) items.push(item)
      }
      if (items.length > 0) yield items
      await setImmediate()
      throwIfAborted(options.signal)
      for (const folder of large) {
        let isFirst = true
        for (const part of reader.readInParts(folder)) {
          if (isFirst) options.onFolder?.(folder, part, false)
          isFirst = false
          yield itemsOf(folder, part)
          await setImmediate()
          throwIfAborted(options.signal)
        }
      }
    }
  } catch (error) {
    throw asStorageError(error, 'walk', start)
  }
}
