import { StorageError, throwIfAborted } from '@filegate/core'
import type { LocalAccess, Operation, StoragePath } from '@filegate/core'
import { setImmediate } from 'node:timers/promises'
import type { Access } from './access.ts'
import { asStorageError } from './storage-error.ts'
import { beginWalk, type Walk, walkBatch, walkLarge } from './walk-batch.ts'

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
  readonly stat?: boolean | Picks | undefined
  /** Whether to look into a directory; it is reported either way. It has to be fast, and may be asked twice. */
  readonly enter?: ((path: StoragePath) => boolean) | undefined
  /** Walks only what is below these folders, which another walk from the same start has handed over. */
  readonly from?: readonly StoragePath[] | undefined
  /** Hands folders over to other walks from the same start, which may run in other threads. */
  readonly handOver?: HandOver | undefined
}

/** Is asked about all that a folder holds, one after the other. Looking at `name` costs less than at the whole path. */
type Picks = (path: StoragePath, kind: WalkItem['kind'], name: string, folder: StoragePath) => boolean

interface HandOver {
  /** Asked between two slices: how many of the folders that wait to be read another walk will read. */
  readonly wants: (waiting: number) => number
  readonly take: (folders: readonly StoragePath[]) => void
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
      if (options.handOver) handOver(walk, options.handOver)
    }
  } catch (error) {
    throw asStorageError(error, 'walk', start)
  }
}

/** Those that were found first go first: they are the nearest to the start and hold the most. */
function handOver({ pending }: Walk, { wants, take }: HandOver): void {
  const wanted = pending.length === 0 ? 0 : wants(pending.length)
  if (wanted > 0) take(pending.splice(0, wanted).map(({ path }) => path))
}

const isOurs = (access: LocalAccess): access is Access => 'pinDirectory' in access
