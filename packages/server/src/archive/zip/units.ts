import type { Entry, StoragePath } from '@filegate/core'
import { entryName } from './entry-name.ts'
import { isTooLong } from './entry-sink.ts'
import { largestWholeFile, type Omission, type PackItem } from './pack-jobs.ts'
import type { Folder } from './walk-tree.ts'

/** What is packed at a time: some small files and folders, or one large file, or a note of what is left out. */
export type Unit =
  | { readonly kind: 'files'; readonly items: readonly PackItem[]; readonly size: number }
  | { readonly kind: 'large'; readonly item: PackItem; readonly size: number | undefined }
  | { readonly kind: 'omission'; readonly omission: Omission }

export interface BatchLimits {
  readonly items: number
  readonly bytes: number
}

/** Cuts a tree into units, in its order. `top` is the folder that becomes the root of the archive. */
export async function* unitsOf(
  folders: AsyncIterable<Folder>,
  top: StoragePath,
  limits: BatchLimits,
): AsyncGenerator<Unit, void, undefined> {
  const prefix = top === '' ? 0 : top.length + 1
  let items: PackItem[] = []
  let size = 0
  const flush = (): Unit => {
    const unit: Unit = { kind: 'files', items, size }
    items = []
    size = 0
    return unit
  }
  for await (const { path, entry: folder, files, unlisted } of folders) {
    for (const entry of folder ? [folder, ...files] : files) {
      const item = itemOf(entry, prefix)
      const bytes = entry.kind === 'directory' ? 0 : entry.size
      const alone = bytes === undefined || bytes > largestWholeFile
      const omission = isTooLong(item.name)
        ? { path: entry.path, reason: 'Its name is too long for a zip file.' }
        : undefined
      if (items.length > 0 && (omission || alone || size + bytes > limits.bytes || items.length >= limits.items)) {
        yield flush()
      }
      if (omission) yield { kind: 'omission', omission }
      else if (alone) yield { kind: 'large', item, size: bytes }
      else {
        items.push(item)
        size += bytes
      }
    }
    if (unlisted) yield { kind: 'omission', omission: { path, reason: unlisted.message } }
  }
  if (items.length > 0) yield flush()
}

function itemOf(entry: Entry, prefix: number): PackItem {
  return {
    path: entry.path,
    name: entryName(entry.path.slice(prefix), entry.kind === 'directory'),
    kind: entry.kind,
    modified: entry.modified,
    mode: entry.posix?.mode,
  }
}
