import { type Entry, parsePath, type StoragePath } from '@filegate/core'
import { z } from 'zod'
import { deletionTime, type TrashId } from './trash-id.ts'

/** Something that was deleted. */
export interface TrashItem {
  readonly id: TrashId
  /** Where it stood, without links on the way. */
  readonly path: StoragePath
  readonly kind: Entry['kind']
  /** Bytes; null for folders. */
  readonly size: number | null
  /** Unix milliseconds. */
  readonly deletedAt: number
  /** Null for somebody who had not logged in. */
  readonly deletedBy: string | null
}

const note = z.object({
  path: z.string().transform((text) => parsePath(text)),
  kind: z.enum(['file', 'directory']),
  size: z.number().nullable(),
  deleted_by: z.string().nullable(),
})

/** What is written beside it. */
export function noteOf(path: StoragePath, entry: Entry, deletedBy: string | null): string {
  const size = entry.kind === 'file' ? (entry.size ?? null) : null
  return `${JSON.stringify({ path, kind: entry.kind, size, deleted_by: deletedBy } satisfies z.input<typeof note>)}\n`
}

/** Undefined for a note that is not whole: only another program can have changed it. */
export function itemFrom(id: TrashId, text: string): TrashItem | undefined {
  try {
    const { path, kind, size, deleted_by: deletedBy } = note.parse(JSON.parse(text))
    return { id, path, kind, size, deletedAt: deletionTime(id), deletedBy }
  } catch {
    return undefined
  }
}

/** As the API shows it. */
export const itemJson = ({ id, path, kind, size, deletedAt, deletedBy }: TrashItem) => ({
  id,
  path: `/${path}`,
  kind,
  size,
  deleted_at: deletedAt,
  deleted_by: deletedBy,
})
