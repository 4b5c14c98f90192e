import { parentPath, baseName, root, type StoragePath } from '@filegate/core'
import type { FoundRows } from './found-rows.ts'

/** A folder with the rows that are in it, and the folders below it in which there are some. */
interface Branch {
  readonly rows: number[]
  /** By their names with a slash behind, as they stand in paths. */
  readonly below: Map<string, Branch>
}

/**
 * Rows in the order of their paths, or the other way round. Whole paths are neither made nor compared, and those that nobody
 * asks for are not put in order.
 */
export function* inNameOrder(rows: FoundRows, descending: boolean): Generator<number, void, undefined> {
  const sign = descending ? -1 : 1
  const compare = (one: Item, other: Item): number => (one.key < other.key ? -sign : sign)

  function* walk({ rows: inside, below }: Branch): Generator<number, void, undefined> {
    const items: Item[] = inside.map((row) => ({ key: rows.name(row), found: row }))
    for (const [key, found] of below) items.push({ key, found })
    for (const { found } of items.sort(compare)) {
      if (typeof found === 'number') yield found
      else yield* walk(found)
    }
  }
  yield* walk(treeOf(rows))
}

interface Item {
  readonly key: string
  readonly found: number | Branch
}

function treeOf(rows: FoundRows): Branch {
  const top: Branch = { rows: [], below: new Map() }
  const known = new Map<StoragePath, Branch>([[root, top]])
  const branchAt = (folder: StoragePath): Branch => {
    const found = known.get(folder)
    if (found) return found
    const branch: Branch = { rows: [], below: new Map() }
    known.set(folder, branch)
    branchAt(parentPath(folder)).below.set(`${baseName(folder)}/`, branch)
    return branch
  }
  let last: StoragePath | undefined
  let branch = top
  for (let row = 0; row < rows.count; row++) {
    const folder = rows.source(row).folder
    if (folder !== last) branch = branchAt(folder)
    last = folder
    branch.rows.push(row)
  }
  return top
}
