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
  context: Pick<ViewContext, 'storage' | 'local' | 'scope' | 'request' | 'services'>,
  path: StoragePath,
  sorting: Sorting,
): Promise<readonly Row[]> {
  const { local, scope, request, services } = context
  const sorter = rowSorter(sorting)
  // The threads know no rights, and counting what a caller may see of each directory takes asking about all that is in it.
  const folder = { path, sorting, signal: request.signal }
  const large = local && scope.unrestricted ? services.largeFolders.read(local, folder) : undefined
  if (large) for await (const run of large) await sorter.addRun(run)
  else for await (const rows of listedRows(context, path)) await sorter.add(rows)
  return sorter.sorted()
}

/** As the storage lists them, which works for every storage and every caller. */
async function* listedRows(
  context: Pick<ViewContext, 'storage' | 'local' | 'scope' | 'request'>,
  path: StoragePath,
): AsyncGenerator<Row[], void, undefined> {
  const { storage, scope, request } = context
  const countVisible = scope.unrestricted ? undefined : visibleChildren(context)
  const pause = timeSlices()
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
    yield rows
    cursor = page.cursor
  } while (cursor !== undefined)
}
