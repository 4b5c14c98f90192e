import { type LocalChanges, StorageError, type StoragePath } from '@filegate/core'
import type { JournalEntry } from '../journal/entry.ts'
import { notKept } from '../journal/find-revision.ts'
import type { Journal } from '../journal/journal.ts'
import { inParallel } from '../writing/in-parallel.ts'

interface Restoring {
  readonly journal: Pick<Journal, 'queries' | 'content'>
  readonly changes: Pick<LocalChanges, 'write' | 'makeDirectory' | 'setMode'>
  readonly signal: AbortSignal
}

/** Files that are written at the same time. */
const atOnce = 4

/**
 * Writes anew what stood at a path when it was deleted, as far as its content was kept.
 * @returns files that were not
 * @throws StorageError `NotFound` when nothing was deleted there; with status 422 when nothing of it was kept
 */
export async function restoreFromJournal(restoring: Restoring, path: StoragePath): Promise<readonly StoragePath[]> {
  const { journal, changes, signal } = restoring
  const deletion = await journal.queries.deletion(path)
  if (!deletion || deletion.gone.length === 0) throw notDeleted(path, deletion?.last)
  const folders = deletion.gone.filter(({ op }) => op === 'dir_deleted').map(({ path }) => path)
  const files = deletion.gone.filter(({ op }) => op === 'delete')
  const kept = await journal.queries.kept(files.map(({ before }) => before))
  const isKept = ({ before }: JournalEntry): boolean => before !== null && kept.has(before)
  const missing = files.filter((entry) => !isKept(entry))
  if (missing.length > 0 && missing.length === files.length)
    throw notKept(path, missing[0] ?? deletion.last, journal.queries.mostKept)
  // Those above come first.
  for (const folder of folders.toSorted()) await changes.makeDirectory(folder, { signal })
  await inParallel(each(files.filter(isKept)), atOnce, signal, (entry, together) =>
    writeBack(restoring, entry, together),
  )
  return missing.map(({ path }) => path)
}

async function writeBack(
  { journal, changes }: Restoring,
  { path, before, size_before, old, modified }: JournalEntry,
  signal: AbortSignal,
): Promise<void> {
  const { body } = await journal.content.read(before ?? '', { signal })
  // Whoever came first stays.
  const conditions = { ifNoneMatch: ['*'] }
  const { posix } = await changes.write(path, {
    body,
    size: size_before ?? undefined,
    modified: modified ?? undefined,
    conditions,
    signal,
  })
  const mode = old?.mode ?? posix?.mode
  if (mode !== undefined && mode !== posix?.mode) await changes.setMode(path, { mode: mode & 0o7777, signal })
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}

function notDeleted(path: StoragePath, last: JournalEntry | undefined): StorageError {
  const isMoved = last?.op === 'moved_from' || last?.op === 'dir_moved_from'
  const message = isMoved
    ? `/${path} was not deleted but moved. ?history tells where.`
    : `The journal knows of nothing that was deleted from /${path}.`
  return new StorageError('NotFound', message, { path })
}
