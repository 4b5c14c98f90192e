import { deletionTime, isTrashId } from './trash-id.ts'
import { noteSuffix } from './trash-contents.ts'
import type { Trash } from './trash.ts'

/** Milliseconds after which a note without the thing that it is about is what a crash left. */
const abandoned = 60 * 60_000

export interface Sweeping {
  /** Milliseconds that something stays. */
  readonly age: number
  /** Unix milliseconds. */
  readonly now: number
  readonly signal?: AbortSignal | undefined
}

/** Removes for good what has been in the trash for long enough, and what crashes left there. */
export async function sweep(trash: Trash, { age, now, signal }: Sweeping): Promise<void> {
  const names = await trash.names()
  const all = new Set(names)
  const ids = new Set(names.map(withoutSuffix).filter(isTrashId))
  for (const id of ids) {
    if (signal?.aborted) return
    const passed = now - deletionTime(id)
    if (passed >= age || (!all.has(id) && passed >= abandoned)) await trash.remove(id, signal)
  }
}

const withoutSuffix = (name: string): string => (name.endsWith(noteSuffix) ? name.slice(0, -noteSuffix.length) : name)
