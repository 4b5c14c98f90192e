import type { Access } from '../access.ts'
import type { FolderSync } from './folder-sync.ts'
import type { PinFolder } from './held-folders.ts'
import type { Notes } from './notes.ts'

/** What all changes of a folder share. */
export interface Changing {
  readonly access: Access
  /** For what comes into a folder: as `access.pinDirectory`, and cheaper for the next one soon after. */
  readonly pinFolder: PinFolder
  /** Absent where there is no folder to keep notes in: what a crash leaves behind then stays, unseen. */
  readonly notes: Notes | undefined
  /** Whether a change is on the disk when it is done. If not, the two below do nothing. */
  readonly isDurable: boolean
  readonly syncFolder: FolderSync
  /** Makes what a descriptor was given survive a loss of power. */
  readonly syncFile: (descriptor: number) => Promise<void>
}
