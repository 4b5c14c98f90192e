import { randomBytes } from 'node:crypto'
import type { ListFolderArgument } from './arguments.ts'
import type { Entry } from './metadata.ts'
import type { State } from './state.ts'

/** What a cursor stands for. It does not change: the same one gives the same page again. */
export interface Cursor {
  readonly argument: ListFolderArgument
  readonly owner: string | undefined
  /** The folder that paths start in. */
  readonly base: string
  readonly folder: string
  /** Entries that are still to come from the listing. */
  readonly pending: readonly Entry[]
  /** Everything after this change of the tree is news. */
  readonly sequence: number
  readonly isReset: boolean
}

export function keepCursor(state: State, cursor: Cursor): string {
  const id = `AA${randomBytes(60).toString('base64url')}`
  state.cursors.set(id, cursor)
  return id
}

/** As when the service has lost them: clients have to list again. */
export function resetCursors(state: State): void {
  for (const [id, cursor] of state.cursors) state.cursors.set(id, { ...cursor, isReset: true })
}
