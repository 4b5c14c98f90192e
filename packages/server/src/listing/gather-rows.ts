import { type Entry, joinPath, type ListOptions, type Page, type StoragePath } from '@filegate/core'
import type { ViewContext } from '../views/view.ts'
import { visibleChildren } from './count-children.ts'
import type { ArrangedRows, Order } from './arrange-rows.ts'
import { packAll, type Veil } from './large-folders.ts'
import { type Row, rowOf } from './row.ts'
import type { RowColumns } from './row-columns.ts'
import { timeSlices } from './time-slices.ts'

export type Gathering = Pick<ViewContext, 'storage' | 'local' | 'scope' | 'request' | 'services'>

/** What a driver may know besides the contract: the local one counts the entries of directories when asked to. */
interface CountingListOptions extends ListOptions {
  readonly countChildren: number
}

/** Counting stops here: more would take long, and nobody compares such numbers. */
const mostChildren = 1_000_000
const batch = 512

/** Everything in a directory that the caller may see, or the part of it that is asked for, in order. */
export async function gatherRows(context: Gathering, path: StoragePath, order: Order): Promise<ArrangedRows> {
  const { local, request, services } = context
  const { signal } = request
  const large = local && services.largeFolders.read(local, { path, order, veil: veilOf(context, path), signal })
  if (large) return large
  const pieces: RowColumns[] = []
  let asked: Promise<Page<Entry>> | undefined = listedPage(context, path, {})
  while (asked) {
    const page: Page<Entry> = await asked
    const { cursor } = page
    // The next page is on its way while this one becomes rows.
    asked = cursor === undefined ? undefined : listedPage(context, path, { cursor })
    if (asked && pieces.length === 0) services.largeFolders.prepare(order)
    // How it fails is seen when it is waited for, unless this page fails before.
    void asked?.catch(() => undefined)
    pieces.push(packAll(await rowsOfPage(context, page)))
  }
  return services.largeFolders.arrange(pieces, order, signal)
}

function veilOf(context: Gathering, path: StoragePath): Veil | undefined {
  const { scope } = context
  if (scope.unrestricted) return undefined
  const count = visibleChildren(context)
  return {
    shows: (name, kind) => scope.shows(joinPath(path, name), kind),
    children: (name) => count({ path: joinPath(path, name) }),
  }
}

export interface ListedRows {
  readonly rows: readonly Row[]
  readonly cursor?: string | undefined
}

/** A page as the storage lists it, which works for every storage and every caller. */
export async function listedRows(
  context: Gathering,
  path: StoragePath,
  part: Pick<ListOptions, 'cursor' | 'limit'>,
): Promise<ListedRows> {
  const page = await listedPage(context, path, part)
  return { rows: await rowsOfPage(context, page), cursor: page.cursor }
}

function listedPage(
  { storage, scope, request }: Gathering,
  path: StoragePath,
  { cursor, limit }: Pick<ListOptions, 'cursor' | 'limit'>,
): Promise<Page<Entry>> {
  const countChildren = scope.unrestricted ? mostChildren : 0
  const options: CountingListOptions = { cursor, limit, signal: request.signal, countChildren }
  return storage.list(path, options)
}

async function rowsOfPage(context: Gathering, { items }: Page<Entry>): Promise<readonly Row[]> {
  const countVisible = context.scope.unrestricted ? undefined : visibleChildren(context)
  const pause = timeSlices()
  const rows: Row[] = []
  for (const entry of items) {
    const counted = entry.kind === 'directory' && countVisible ? await countVisible(entry) : undefined
    rows.push(rowOf(entry, counted))
    if (rows.length % batch === 0) await pause()
  }
  return rows
}
