import type { Entry, ListOptions, Page, StoragePath } from '@filegate/core'
import type { ViewContext } from '../views/view.ts'
import { visibleChildren } from './count-children.ts'
import { type Row, rowOf } from './row.ts'
import { rowSorter, type Sorting } from './sort-rows.ts'
import { timeSlices } from './time-slices.ts'

/** What a driver may know besides the contract: the local one counts the entries of directories when asked to. */
interface CountingListOptions extends ListOptions {
  readonly countChildren: number
}

/** Counting stops here: more would take long, and nobody compares such numbers. */
const mostChildren = 1_000_000
const batch = 512

/** Everything in a directory that the caller may see, in order. */
export async function gatherRows(
  context: Pick<ViewContext, 'storage' | 'local' | 'scope' | 'request'>,
  path: StoragePath,
  sorting: Sorting,
): Promise<readonly Row[]> {
  const { storage, scope, request } = context
  const countVisible = scope.unrestricted ? undefined : visibleChildren(context)
  const pause = timeSlices()
  const sorter = rowSorter(sorting)
  let cursor: string | undefined
  do {
    const countChildren = scope.unrestricted ? mostChildren : 0
    const options: CountingListOptions = { cursor, signal: request.signal, countChildren }
    const page: Page<Entry> = await storage.list(path, options)
    const rows: Row[] = []
    for (const entry of page.items) {
      const counted = entry.kind === 'directory' && countVisible ? await countVisible(entry) : undefined
      rows.push(rowOf(entry, counted))
      if (rows.length % batch === 0) await pause()
    }
    await sorter.add(rows)
    cursor = page.cursor
  } while (cursor !== undefined)
  return sorter.sorted()
}
