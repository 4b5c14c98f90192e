import type { StoragePath } from '@filegate/core'

/** What can happen to a file or folder. Ends of a move: `moved_from` stands at the path that was left, `moved_to` at the new one. */
export const operations = [
  'create',
  'write',
  'append',
  'delete',
  'touch',
  'chmod',
  'chown',
  'moved_from',
  'moved_to',
  'copied_from',
  'copied_to',
  'mkdir',
  'dir_deleted',
  'dir_moved_from',
  'dir_moved_to',
  'dir_copied_from',
  'dir_copied_to',
  'gap',
] as const

export type JournalOperation = (typeof operations)[number]

export const isOperation = (text: string): text is JournalOperation => operations.some((name) => name === text)

/** After these nothing stands at the path any more. */
export const endings: ReadonlySet<JournalOperation> = new Set(['delete', 'moved_from', 'dir_deleted', 'dir_moved_from'])

/** Without a sequence number: they are about folders, or about nothing in particular. */
export const unnumbered: ReadonlySet<JournalOperation> = new Set([
  'mkdir',
  'dir_deleted',
  'dir_moved_from',
  'dir_moved_to',
  'dir_copied_from',
  'dir_copied_to',
  'gap',
])

export interface Owner {
  readonly mode: number | null
  readonly uid: number | null
  readonly gid: number | null
}

/** One change, as it is kept. */
export interface JournalEntry {
  /** Grows with time, over all paths. */
  readonly id: number
  /** Unix milliseconds. */
  readonly ts: number
  readonly op: JournalOperation
  readonly path: StoragePath
  /** Counts the changes of a file, from 1; null for folders. */
  readonly seq: number | null
  /** The life of a file, which goes on through moves. */
  readonly line: number | null
  /** Where the numbers of an earlier path begin, for a file that was moved to a path that had numbers of its own. */
  readonly shift: number
  /** SHA-256 of the content, lower-case hexadecimal; null where there is none, or it is not known. */
  readonly before: string | null
  readonly after: string | null
  /** Bytes. */
  readonly size_before: number | null
  readonly size_after: number | null
  readonly source: StoragePath | null
  readonly dest: StoragePath | null
  readonly old: Owner | null
  readonly now: Owner | null
  /** Why it is here when no request of ours made it: `found at start`, `by another program`, ... */
  readonly reason: string | null
  /** Of a file that is gone: when it was modified last. Unix milliseconds. */
  readonly modified: number | null
}

/** An entry before it has its place in the journal. */
export type NewEntry = Omit<JournalEntry, 'id' | 'seq' | 'line' | 'shift'>

export interface EntryOptions {
  /** Which digests have their content kept. */
  readonly kept: ReadonlySet<string>
  /** Whether the caller may know of a path. */
  readonly shows: (path: StoragePath) => boolean
}

/** An entry in the documented form. `hash` and `size` are those of the content after the change. */
export function entryJson(entry: JournalEntry, { kept, shows }: EntryOptions): Record<string, unknown> {
  const { id, seq, ts, op, path, before, after, size_before, size_after, source, dest, old, now, reason } = entry
  const blob = (hash: string | null): string | null => (hash !== null && kept.has(hash) ? hash : null)
  const shown = (other: StoragePath | null): string | null => (other !== null && shows(other) ? `/${other}` : null)
  return {
    id,
    seq,
    ts,
    op,
    path: `/${path}`,
    before,
    after,
    hash: after,
    size: size_after,
    size_before,
    size_after,
    blob: blob(after),
    blob_before: blob(before),
    blob_after: blob(after),
    source: shown(source),
    dest: shown(dest),
    old_mode: octal(old?.mode),
    new_mode: octal(now?.mode),
    old_owner: old?.uid ?? null,
    new_owner: now?.uid ?? null,
    old_group: old?.gid ?? null,
    new_group: now?.gid ?? null,
    reason,
  }
}

const octal = (mode: number | null | undefined): string | null =>
  mode === null || mode === undefined ? null : mode.toString(8).padStart(4, '0')
