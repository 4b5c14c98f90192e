import { randomBytes } from 'node:crypto'
import { closeSync, fsync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { processMark } from './process-mark.ts'
import { temporaryName } from './temporary-name.ts'

const syncFile = promisify(fsync)

/** What is to be put right when the process that noted it died. Paths are absolute; each character is one byte. */
export type Note =
  /** What stands under a temporary name in a folder is to be removed. */
  | { readonly kind: 'remove'; readonly folder: string; readonly name: string }
  /** It is to have its own name back, unless something else has taken it; then it is to be removed. */
  | { readonly kind: 'restore'; readonly folder: string; readonly name: string; readonly original: string }
  | Undo

/** A file is to have back what it held from `start` on, which is kept in another file, and its size. */
export interface Undo {
  readonly kind: 'undo'
  readonly folder: string
  readonly name: string
  /** Device and number of the file. */
  readonly inode: string
  readonly start: number
  readonly size: number
  /** The size that the change was going to give it, where that was known. What is larger was changed by others. */
  readonly intended?: number | undefined
  /** Unix milliseconds. */
  readonly modified: number
  /** Name of the file beside the notes that holds the bytes. Absent: there were none. */
  readonly kept?: string | undefined
}

/** A note stands from when `Notes.begin` was called until `end` is. */
export interface Standing {
  end(): void
}

/** A name under which something may be made in a folder, until it is placed or removed. */
export interface TemporaryPlace {
  readonly name: string
  /** `isGone`: nothing has this name any more, for certain. */
  end(isGone: boolean): void
}

/**
 * Notes of changes under way, outside the served folder. They cost one write of a few bytes each, and are found again without a
 * look at the tree.
 */
export interface Notes {
  begin(note: Note): Standing
  /**
   * A name of which is noted that what has it is to be removed. One that was given before in the same folder is given again, if
   * nothing has it any more: then nothing needs to be written.
   */
  temporary(folder: string): TemporaryPlace
  /** Survives a loss of power, too, once this resolves. */
  beginDurably(note: Note): Promise<Standing>
  /** Where bytes may be kept. */
  readonly directory: string
  /** `place` in that folder, which is there from now on. */
  ready(place: string): string
  close(): void
}

/** Bytes. The longest path that a system takes fits, even if all of it has to be escaped. */
export const slotSize = 32_768
export const notesSuffix = '.notes'

export function openNotes(directory: string): Notes {
  const file = join(directory, `${processMark(process.pid)}-${randomBytes(4).toString('hex')}${notesSuffix}`)
  const free: number[] = []
  /** Names that nothing has, and the slots in which they still stand. */
  const spare: { readonly folder: string; readonly name: string; readonly slot: number }[] = []
  let slots = 0
  let descriptor: number | undefined

  function ready(place: string): string {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    return place
  }
  function put(note: Note): { readonly descriptor: number; readonly slot: number } {
    descriptor ??= openSync(ready(file), 'wx', 0o600)
    const known = descriptor
    const slot = free.pop() ?? spare.shift()?.slot ?? slots++
    writeSync(known, `${JSON.stringify(note)}\n`, slot * slotSize)
    return { descriptor: known, slot }
  }
  function begin(note: Note): Standing {
    const { descriptor: known, slot } = put(note)
    return {
      end() {
        // The others name something that is no longer there, which nothing else will ever be called: putting that right does nothing.
        if (note.kind === 'undo') writeSync(known, '\0', slot * slotSize)
        free.push(slot)
      },
    }
  }
  function noted(folder: string): (typeof spare)[number] {
    const name = temporaryName()
    return { folder, name, slot: put({ kind: 'remove', folder, name }).slot }
  }
  return {
    directory,
    ready,
    begin,
    temporary(folder) {
      const at = spare.findLastIndex((place) => place.folder === folder)
      const place = spare.splice(at, at < 0 ? 0 : 1)[0] ?? noted(folder)
      return {
        name: place.name,
        end(isGone) {
          if (isGone) spare.push(place)
          else free.push(place.slot)
        },
      }
    },
    async beginDurably(note) {
      const standing = begin(note)
      if (descriptor !== undefined) await syncFile(descriptor)
      return standing
    },
    close() {
      if (descriptor === undefined) return
      closeSync(descriptor)
      // What is still noted then is for the next start to put right.
      if (free.length + spare.length === slots) unlinkSync(file)
      descriptor = undefined
    },
  }
}
