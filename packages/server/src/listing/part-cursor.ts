import { StorageError } from '@filegate/core'
import type { Row } from './row.ts'
import { pathTypes } from './row-columns.ts'

/**
 * What a caller says with `after`: the last row of a folder on the local disk, or what another storage gave for it, which is
 * sealed where it may tell of an entry that the caller may not see.
 */
export type PartCursor = { readonly row: Row } | { readonly cursor: string } | { readonly sealed: string }

export function formatCursor(cursor: PartCursor): string {
  return Buffer.from(JSON.stringify(valueOf(cursor))).toString('base64url')
}

function valueOf(cursor: PartCursor): unknown {
  if ('sealed' in cursor) return [cursor.sealed]
  return 'cursor' in cursor ? cursor.cursor : [cursor.row.name, cursor.row.type, cursor.row.size, cursor.row.mtime]
}

/** @throws StorageError `InvalidArgument` for what is no cursor. */
export function parseCursor(text: string): PartCursor {
  const value = decoded(text)
  if (typeof value === 'string') return { cursor: value }
  if (Array.isArray(value)) {
    const [name, type, size, mtime]: readonly unknown[] = value
    if (typeof name === 'string' && value.length === 1) return { sealed: name }
    const known = typeof name === 'string' && isPathType(type) && isNumberOrNull(size) && isNumberOrNull(mtime)
    if (known) return { row: { name, type, size, mtime } }
  }
  throw new StorageError('InvalidArgument', "Parameter 'after' takes the next_after of the page before.")
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

const isNumberOrNull = (value: unknown): value is number | null => value === null || typeof value === 'number'
const isPathType = (value: unknown): value is Row['type'] => pathTypes.some((type) => type === value)
