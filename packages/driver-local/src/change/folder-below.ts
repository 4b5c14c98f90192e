import { closeSync, constants, fsync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import type { OpenedDirectory } from '../locator.ts'
import { descriptorPath } from '../locator-linux.ts'
import { childOf } from './child-place.ts'

const syncFile = promisify(fsync)

/** A folder of a tree that is worked through, held open where the system can address what is held open. */
export interface FolderBelow {
  /** A name for this very folder until `close`, as in `OpenedDirectory`. */
  readonly place: string | Buffer
  readonly pinned: boolean
  sync(): Promise<void>
  close(): void
}

/** Windows lacks both, and there no folder is opened. */
const itself = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0)

/** Of a folder that its holder closes. */
export const topFolder = ({ pinnedPath, pinned }: OpenedDirectory): FolderBelow => ({
  place: pinnedPath,
  pinned,
  async sync() {},
  close() {},
})

/** Opens a folder in a folder; a link rejects with ENOTDIR or ELOOP. */
export function openBelow(parent: FolderBelow, name: string | Buffer): FolderBelow {
  const place = childOf(parent.place, name)
  if (process.platform === 'win32') return { place, pinned: false, async sync() {}, close() {} }
  const descriptor = openSync(place, itself)
  return {
    place: parent.pinned ? descriptorPath(descriptor) : place,
    pinned: parent.pinned,
    sync: () => syncFile(descriptor),
    close: () => closeSync(descriptor),
  }
}
