import { type LocalChanges, StorageError, type StoragePath } from '@filegate/core'
import type { Journal } from '../journal/journal.ts'
import { problem } from '../http/problem.ts'
import type { RunningTrash } from './start-trash.ts'
import { isTrashId } from './trash-id.ts'
import type { TrashItem } from './trash-item.ts'

/** What was brought back. */
export interface Restored {
  readonly from: 'trash' | 'journal'
  /** Of the trash. */
  readonly id?: string | undefined
  /** Files that could not be brought back, because the journal did not keep what they held. */
  readonly missing?: readonly StoragePath[] | undefined
}

/** Deleting and bringing back, for one caller, who has the right to the place and holds it. */
export interface CallersTrash {
  /** Absent where deleting is for good. */
  readonly discard?: ((path: StoragePath, user: string | null) => Promise<void>) | undefined
  /** @throws StorageError `NotFound` when there is nothing to bring back, `AlreadyExists` when something stands there */
  restore(path: StoragePath, id: string | undefined, signal: AbortSignal): Promise<Restored>
}

export interface CallersTrashParts {
  readonly trash: RunningTrash | undefined
  readonly journal: Journal | undefined
  /** The caller's changes, entered into the journal where there is one. */
  readonly changes: LocalChanges
  /** The places that the caller may change; absent: all. */
  readonly within: readonly StoragePath[] | undefined
}

export function callersTrash(parts: CallersTrashParts): CallersTrash {
  const { trash, journal, changes, within } = parts
  const moves = trash?.changesWithin(within)
  return {
    discard:
      trash &&
      moves &&
      ((path, user) => {
        // The journal sees what it sees of every deletion.
        const remove: LocalChanges['remove'] = (path) => trash.discard(path, { user, moves })
        return (journal?.journaled({ ...moves, remove }) ?? { remove }).remove(path)
      }),
    async restore(path, id, signal) {
      const item = trash && (await found(trash, path, id))
      const isNamed = id !== undefined
      if (trash && moves && item && (isNamed || !(await isReplaced(journal, item)))) {
        await trash.restore(item, moves)
        await journal?.arrived(path)
        return { from: 'trash', id: item.id }
      }
      if (isNamed || !journal) throw nothing(path, { trash, journal })
      const { restoreFromJournal } = await import('./from-journal.ts')
      return { from: 'journal', missing: await restoreFromJournal({ journal, changes, signal }, path) }
    },
  }
}

function found(trash: RunningTrash, path: StoragePath, id: string | undefined): Promise<TrashItem | undefined> {
  if (id === undefined) return trash.latest(path)
  return isTrashId(id) ? trash.item(id).then((item) => (item?.path === path ? item : undefined)) : nowhere
}

/** Whether something stood at the path after that was put into the trash, and was deleted past it: by another program. */
async function isReplaced(journal: Journal | undefined, { path, deletedAt }: TrashItem): Promise<boolean> {
  const { gone = [], stoodAt = 0 } = (await journal?.queries.deletion(path)) ?? {}
  return gone.length > 0 && stoodAt > deletedAt
}

const nowhere = Promise.resolve(undefined)

function nothing(path: StoragePath, { trash, journal }: Pick<CallersTrashParts, 'trash' | 'journal'>): StorageError {
  if (trash) return new StorageError('NotFound', `The trash holds nothing that was deleted from /${path}.`, { path })
  if (journal) return new StorageError('NotFound', 'There is no trash; the server must be started with --trash.')
  const message =
    'What is deleted here is gone: it is kept when the server is started with --trash, or --allow-journal for small files.'
  return problem('AccessDenied', { code: 'TRASH_DISABLED' }, message, { path })
}
