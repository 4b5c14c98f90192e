import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  joinPath,
  type LocalAccess,
  type LocalChanges,
  parsePath,
  type StorageDriver,
  StorageError,
  type StoragePath,
  streamBytes,
} from '@filegate/core'
import { asChangeError, trashName } from '@filegate/driver-local'
import { problem } from '../http/problem.ts'
import type { PathLocks } from '../writing/path-locks.ts'
import { noteSuffix, type TrashContents, trashContents } from './trash-contents.ts'
import { mayBeFrom, trashId, type TrashId } from './trash-id.ts'
import { noteOf, type TrashItem } from './trash-item.ts'

/** The folder that holds what was deleted, each thing under its id with a note beside it. */
export const trashPath = parsePath(trashName)

export interface TrashParts {
  /** The served folder as others see it, without the trash: what is in that is not deleted once more. */
  readonly storage: Pick<StorageDriver, 'stat'>
  readonly local: Pick<LocalAccess, 'root'>
  /** Of the served folder with the trash in it. */
  readonly changes: LocalChanges
  readonly locks: PathLocks
  readonly now?: () => number
}

/** The changes of somebody who may change the place in question and the trash. */
type Moves = Pick<LocalChanges, 'move'>

/** What was deleted and can be brought back. None of it knows rights. */
export interface Trash extends TrashContents {
  /** Moves something aside. Whoever calls holds its place. The renaming is what counts: before it nothing has happened. */
  discard(path: StoragePath, by: { readonly user: string | null; readonly moves: Moves }): Promise<void>
  /** Whoever calls holds the place where it stood. @throws StorageError `AlreadyExists` when something stands there */
  restore(item: TrashItem, moves: Moves): Promise<void>
  /** What was deleted last at a path. */
  latest(path: StoragePath): Promise<TrashItem | undefined>
  /** Removes it for good. Undone when somebody is at it: false. */
  remove(id: TrashId, signal?: AbortSignal): Promise<boolean>
}

const placeOf = (id: TrashId): StoragePath => joinPath(trashPath, id)
const noteAt = (id: TrashId): StoragePath => joinPath(trashPath, `${id}${noteSuffix}`)

export function openTrash({ storage, local, changes, locks, now = Date.now }: TrashParts): Trash {
  const folder = join(local.root, trashName)
  const contents = trashContents(folder)
  let last = 0
  /** Two things that go within one millisecond follow each other all the same; a clock that is set back is believed. */
  function moment(): number {
    const time = now()
    last = time <= last && last - time < 1000 ? last + 1 : time
    return last
  }

  /** False when somebody else is at it. */
  async function held(id: TrashId, work: () => Promise<void>): Promise<boolean> {
    const release = await locks.hold([{ path: placeOf(id), whole: true }])
    if (!release) return false
    try {
      await work()
      return true
    } finally {
      release()
    }
  }
  return {
    ...contents,
    async discard(path, { user, moves }) {
      const entry = await storage.stat(path, { fresh: true })
      makeFolder(folder)
      const id = trashId(path, moment())
      const bytes = Buffer.from(noteOf(path, entry, user))
      await changes
        .write(noteAt(id), { body: streamBytes(bytes), size: bytes.length })
        .catch((error: unknown) => Promise.reject(unnoted(error, path)))
      try {
        await moves.move(path, { destination: placeOf(id), overwrite: false })
      } catch (error) {
        await removeIfThere(changes, noteAt(id))
        throw error
      }
    },
    async restore({ id, path }, moves) {
      const isDone = await held(id, async () => {
        await moves.move(placeOf(id), { destination: path, overwrite: false })
        await removeIfThere(changes, noteAt(id))
      })
      if (!isDone) throw atIt(path)
    },
    async latest(path) {
      for (const id of await contents.ids()) {
        const found = mayBeFrom(id, path) ? await contents.item(id) : undefined
        if (found?.path === path) return found
      }
      return undefined
    },
    remove: (id, signal) =>
      held(id, async () => {
        await removeIfThere(changes, placeOf(id), signal)
        await removeIfThere(changes, noteAt(id))
      }),
  }
}

/** Others of this machine see nothing of what is in it. */
function makeFolder(folder: string): void {
  try {
    // Not `recursive`, of which Node says that the parent is missing where the disk is read-only.
    mkdirSync(folder, { mode: 0o700 })
    return
  } catch (error) {
    const problem = asChangeError(error, 'remove', trashName)
    if (problem.code === 'NoSpace') throw fullFor(problem, 'to make the trash')
    if (problem.code !== 'AlreadyExists') throw problem
  }
  if (lstatSync(folder).isDirectory()) return
  throw new StorageError('Conflict', `A link stands where the trash would be: ${trashName}. Nothing was deleted.`)
}

/** Why what was to be deleted could not be noted; it still stands where it stood. */
const unnoted = (error: unknown, path: StoragePath): unknown =>
  StorageError.is(error, 'NoSpace') ? fullFor(error, `to put /${path} into the trash`) : error

const fullFor = (cause: StorageError, what: string): StorageError =>
  new StorageError('NoSpace', `No space is left ${what}. DELETE with ?permanent deletes past the trash, for good.`, {
    cause,
  })

async function removeIfThere(changes: LocalChanges, path: StoragePath, signal?: AbortSignal): Promise<void> {
  try {
    await changes.remove(path, { signal })
  } catch (error) {
    if (!StorageError.is(error, 'NotFound')) throw error
  }
}

const atIt = (path: StoragePath): StorageError =>
  problem(
    'Conflict',
    { code: 'FILE_PATH_BUSY' },
    `Somebody else is at what was deleted from /${path} at this moment.`,
    {
      path,
    },
  )
