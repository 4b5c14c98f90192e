import { etagOf, type Facts, isFile } from './facts.ts'
import type { Row } from './directory-rows.ts'

/**
 * Rows in the form that crosses from one thread to another at the least cost: two strings, which are copied, and one
 * array, which is handed over. A structured clone of as many objects takes longer than reading the directory.
 */
export interface Columns {
  /** Joined by NUL, which no name holds. */
  readonly names: string
  /** Joined by NUL, empty for directories. Made here because making them is work. */
  readonly etags: string
  /** `width` numbers for each row. */
  readonly numbers: Float64Array<ArrayBuffer>
  /** The texts of links, by row. */
  readonly targets: ReadonlyMap<number, string>
}

const fields = ['mode', 'uid', 'gid', 'ino', 'dev', 'size', 'mtimeMs', 'ctimeMs'] as const satisfies (keyof Facts)[]
const width = fields.length + 1
const uncounted = -1

export function packRows(rows: readonly Row[]): Columns {
  const numbers = new Float64Array(rows.length * width)
  const targets = new Map<number, string>()
  let at = 0
  for (const [index, { facts, target, children }] of rows.entries()) {
    for (const field of fields) numbers[at++] = facts[field]
    numbers[at++] = children ?? uncounted
    if (target !== undefined) targets.set(index, target)
  }
  return {
    names: rows.map(({ name }) => name).join('\0'),
    etags: rows.map(({ facts }) => (isFile(facts) ? etagOf(facts) : '')).join('\0'),
    numbers,
    targets,
  }
}

export interface UnpackedRow extends Row {
  readonly etag: string
}

export function unpackRows({ names, etags, numbers, targets }: Columns): UnpackedRow[] {
  if (numbers.length === 0) return []
  const tags = etags.split('\0')
  return names.split('\0').map((name, index) => {
    const at = index * width
    const number = (field: number): number => numbers[at + field] ?? 0
    const children = number(8)
    return {
      name,
      facts: {
        mode: number(0),
        uid: number(1),
        gid: number(2),
        ino: number(3),
        dev: number(4),
        size: number(5),
        mtimeMs: number(6),
        ctimeMs: number(7),
      },
      target: targets.get(index),
      children: children === uncounted ? undefined : children,
      etag: tags[index] ?? '',
    }
  })
}
