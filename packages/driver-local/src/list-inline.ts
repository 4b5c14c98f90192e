import { joinPath, throwIfAborted } from '@filegate/core'
import type { Entry, Page, StoragePath } from '@filegate/core'
import { setImmediate } from 'node:timers/promises'
import { directoryNames } from './directory-names.ts'
import { directoryRows, type Row } from './directory-rows.ts'
import { directoryEntry, fileEntry } from './entry.ts'
import { isFile, isLargeDirectory } from './facts.ts'
import { positionAfter, resumeAt } from './list-task.ts'
import { cursorFor, type ListRequest } from './list.ts'
import type { Locator } from './locator.ts'

/** Rows between two looks at the clock. */
const batchSize = 64
const countingBatchSize = 16
/** Milliseconds of work between two turns of the event loop. */
const sliceTime = 3

/** Lists on the calling thread, in slices. `undefined` when that is too much work for it: a worker has to. */
export async function listInline(
  locator: Locator,
  { path, task, count, bookmark, signal }: ListRequest,
  limit: number,
): Promise<Page<Entry> | undefined> {
  const names = directoryNames(task.pinnedPath, limit)
  if (!names) return undefined
  const start = bookmark ? resumeAt(names, bookmark.position) : 0
  const end = Math.min(names.length, start + count)
  const step = task.countLimit > 0 ? countingBatchSize : batchSize
  const items: Entry[] = []
  let pause = performance.now() + sliceTime
  for (let at = start; at < end; at += step) {
    for (const row of directoryRows(task, locator, names.slice(at, Math.min(end, at + step)))) {
      if (task.countLimit > 0 && isLargeDirectory(row.facts)) return undefined
      items.push(entryFromRow(path, row))
    }
    if (performance.now() < pause) continue
    await setImmediate()
    throwIfAborted(signal)
    pause = performance.now() + sliceTime
  }
  const position = positionAfter(names, end)
  return { items, cursor: position && cursorFor({ snapshot: 0, position }) }
}

export function entryFromRow(directory: StoragePath, row: Row, etag?: string): Entry {
  const path = joinPath(directory, row.name)
  return isFile(row.facts)
    ? fileEntry(path, row.facts, row.target, etag)
    : directoryEntry(path, row.facts, row.target, row.children)
}
