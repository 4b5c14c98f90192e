import type { FileEntry } from '@filegate/core'

/**
 * Whether an etag made of size and times can be trusted to change with the next write. Clocks of file systems move in
 * steps, the coarsest of two seconds: two writes within one step can leave the same size and times, so nothing is
 * remembered of a file that was written that shortly before it was read.
 */
export function settled({ modified }: Pick<FileEntry, 'modified'>, readAt: number): boolean {
  if (modified === undefined) return true
  const step = Number.isInteger(modified / 1000) ? 2000 : 100
  return Math.abs(readAt - modified) >= step
}
