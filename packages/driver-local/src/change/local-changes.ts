import type { LocalChanges, StoragePath } from '@filegate/core'
import { fsync } from 'node:fs'
import { promisify } from 'node:util'
import type { Access } from '../access.ts'
import { adopt } from './adopt.ts'
import { setMode, setModified, setOwner } from './attributes.ts'
import { asChangeError } from './change-error.ts'
import type { Changing } from './changing.ts'
import { copy } from './copy.ts'
import { createFolderSync, type FolderSync } from './folder-sync.ts'
import { createHeldFolders } from './held-folders.ts'
import { makeDirectory } from './make-directory.ts'
import { move } from './move.ts'
import { type Notes, openNotes } from './notes.ts'
import { remove } from './remove.ts'
import { append, writeRange } from './revise.ts'
import { write } from './write.ts'

export interface ChangeOptions {
  /**
   * A folder outside the served one for notes of what is under way, so that `recoverChanges` finds what a crash left. Without it,
   * temporary files of a crash stay behind, unseen.
   */
  readonly notes?: string | undefined
  /** Whether a change has to be on the disk before it is done. Default true. */
  readonly durable?: boolean | undefined
}

/** What the changes of one folder share, whoever makes them. */
export interface ChangeParts {
  readonly notes: Notes | undefined
  readonly syncFolder: FolderSync
  readonly syncFile: Changing['syncFile']
  readonly isDurable: boolean
}

export function openChangeParts({ notes, durable = true }: ChangeOptions = {}): ChangeParts {
  return {
    notes: notes === undefined ? undefined : openNotes(notes),
    isDurable: durable,
    syncFolder: durable ? createFolderSync() : () => Promise.resolve(),
    syncFile: durable ? promisify(fsync) : () => Promise.resolve(),
  }
}

/** All changes, with the errors that callers are promised. */
export function localChanges(access: Access, parts: ChangeParts): LocalChanges {
  const changing: Changing = { access, pinFolder: createHeldFolders(access), ...parts }
  const guarded =
    <Options, Result>(
      operation: keyof LocalChanges,
      change: (changing: Changing, path: StoragePath, options: Options) => Promise<Result>,
    ) =>
    async (path: StoragePath, options: Options): Promise<Result> => {
      try {
        return await change(changing, path, options)
      } catch (error) {
        throw asChangeError(error, operation, path)
      }
    }
  const removeGuarded = guarded('remove', remove)
  const makeGuarded = guarded('makeDirectory', makeDirectory)
  return {
    write: guarded('write', write),
    append: guarded('append', append),
    writeRange: guarded('writeRange', writeRange),
    adopt: guarded('adopt', adopt),
    remove: (path, options) => removeGuarded(path, options ?? {}),
    makeDirectory: (path, options) => makeGuarded(path, options ?? {}),
    copy: guarded('copy', copy),
    move: guarded('move', move),
    setModified: guarded('setModified', setModified),
    setMode: guarded('setMode', setMode),
    setOwner: guarded('setOwner', setOwner),
  }
}
