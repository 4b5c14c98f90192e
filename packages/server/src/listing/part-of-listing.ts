import { StorageError, type StoragePath } from '@filegate/core'
import { arrangeRows, type Sorting } from './arrange-rows.ts'
import { gatherRows, type Gathering, listedRows } from './gather-rows.ts'
import { packAll } from './large-folders.ts'
import { seal, SealError, unseal } from '../state/sealing.ts'
import { formatCursor, type PartCursor } from './part-cursor.ts'
import type { Row } from './row.ts'
import { type RowColumns, rowsOf, tableOfRows } from './row-columns.ts'

export interface ListingPart {
  readonly rows: RowColumns
  /** What `after` takes to get the next part; null behind the last one. */
  readonly next: string | null
}

export interface ListingPartRequest {
  /** Undefined: the order of the storage, or by name where the storage is the local disk. */
  readonly sorting: Sorting | undefined
  readonly limit: number
  readonly after?: PartCursor | undefined
}

const byName: Sorting = { field: 'name', order: 'asc' }

/**
 * A part of a directory, for programs that go through large ones. A folder of the local disk is in order as a whole. A
 * storage elsewhere is asked for no more than the part, so the parts follow each other as the vendor orders them, and
 * only what is in one part is sorted.
 */
export function partOfListing(context: Gathering, path: StoragePath, part: ListingPartRequest): Promise<ListingPart> {
  return context.local ? localPart(context, path, part) : remotePart(context, path, part)
}

async function localPart(
  context: Gathering,
  path: StoragePath,
  { sorting = byName, limit, after }: ListingPartRequest,
) {
  if (after && !('row' in after)) throw foreign()
  const { rows, more } = await gatherRows(context, path, { sorting, part: { limit, after: after?.row } })
  const count = rows.types.length
  const [last] = rowsOf(rows, count - 1, count)
  return { rows, next: more && last ? formatCursor({ row: last }) : null }
}

async function remotePart(context: Gathering, path: StoragePath, { sorting, limit, after }: ListingPartRequest) {
  const found: Row[] = []
  let cursor = after && opened(context, path, after)
  // A vendor may give less than it is asked for, and what the caller may not see is left out.
  do {
    const page = await listedRows(context, path, { cursor, limit: limit - found.length })
    found.push(...page.rows)
    cursor = page.cursor
  } while (cursor !== undefined && found.length < limit)
  const rows = sorting ? arrangeRows(tableOfRows(found), { sorting }).rows : packAll(found)
  return { rows, next: cursor === undefined ? null : formatCursor(closed(context, path, cursor)) }
}

/** What a storage gives to go on with may hold the name of an entry that was left out. */
function closed({ scope, request, services }: Gathering, path: StoragePath, cursor: string): PartCursor {
  return scope.unrestricted ? { cursor } : { sealed: seal(services.cursorKey(), placeOf(request, path), cursor) }
}

function opened({ scope, request, services }: Gathering, path: StoragePath, after: PartCursor): string {
  if ('cursor' in after && scope.unrestricted) return after.cursor
  if (!('sealed' in after) || scope.unrestricted) throw foreign()
  try {
    return unseal(services.cursorKey(), placeOf(request, path), after.sealed)
  } catch (error) {
    throw error instanceof SealError ? foreign() : error
  }
}

const placeOf = ({ query }: Gathering['request'], path: StoragePath): string =>
  `listing ${query.text('backend') ?? ''} /${path}`

const foreign = (): StorageError =>
  new StorageError('InvalidArgument', "Parameter 'after' does not come from this listing.")
