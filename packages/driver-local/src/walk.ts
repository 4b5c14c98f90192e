import { StorageError, throwIfAborted } from '@filegate/core'
import type { LocalAccess, Operation, StoragePath } from '@filegate/core'
import { setImmediate } from 'node:timers/promises'
import type { Access } from './access.ts'
import { asStorageError } from './storage-error.ts'
import { beginWalk, walkBatch, walkLarge } from './walk-batch.ts'

/** Something below the start of a walk. */
export interface WalkItem {
  readonly path: StoragePath
  readonly name: string
  /** A link is never followed; `LocalAccess.stat` says what it leads to, if that may be known. */
  readonly kind: 'file' | 'directory' | 'link'
  /** Bytes of a file, when `stat` was asked for. */
  readonly size: number | undefined
  /** Unix time in milliseconds, when `stat` was asked for; of a link, its own. */
  readonly modified: number | undefined
}

export interface WalkOptions extends Operation {
  /** Fill `size` and `modified`, of everything or of what is picked: each costs as much as all else about an item. */
  readonly stat?: boolean | ((path: StoragePath, kind: WalkItem['kind']) => boolean) | undefined
  /** Whether to look into a directory; it is reported either way. It has to be fast, and may be asked twice. */
  readonly enter?: ((path: StoragePath) => boolean) | undefined
}

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
  if (!isOurs(access)) throw new StorageError('Unsupported', 'Only folders of the local driver can be walked.')
  const walk = beginWalk(access, start, options)
  try {
    while (walk.pending.length > 0) {
      const next = walk.pending.at(-1)
      if (next?.isLarge) {
        walk.pending.pop()
        for (const items of walkLarge(walk, next)) {
          yield items
          await setImmediate()
          throwIfAborted(options.signal)
        }
      } else {
        const items = walkBatch(walk)
        if (items.length > 0) yield items
      }
      await setImmediate()
      throwIfAborted(options.signal)
    }
  } catch (error) {
    throw asStorageError(error, 'walk', start)
  }
}

const isOurs = (access: LocalAccess): access is Access => 'pinDirectory' in access
