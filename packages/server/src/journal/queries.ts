import { setImmediate } from 'node:timers/promises'
import { parsePath, StorageError, type StoragePath } from '@filegate/core'
import type { Selectable } from 'kysely'
import { problem } from '../http/problem.ts'
import { endings, type JournalEntry, type JournalOperation, unnumbered } from './entry.ts'
import type { JournalDatabase } from './journal-store.ts'
import type { EntryTable } from './schema.ts'

export interface PageOptions {
  /** Only what has a greater id. */
  readonly afterId: number
  readonly limit: number
}

export interface EntryFilter extends PageOptions {
  /** The path, and everything below it. */
  readonly path?: StoragePath | undefined
  readonly ops?: readonly JournalOperation[] | undefined
  /** Unix milliseconds. */
  readonly since?: number | undefined
}

/** The state of a file that an entry speaks of. */
export interface Revision {
  readonly entry: JournalEntry
  /** SHA-256, and bytes. */
  readonly hash: string
  readonly size: number
}

/** A file that arrived from elsewhere, with its earlier life. */
interface Arrival {
  readonly id: number
  readonly line: number | null
  readonly shift: number
}

/** Questions to the journal. None of them knows rights. */
export interface Queries extends RevisionCounts {
  /** What happened at a path, and to the files that were moved to it before they were. The oldest first. */
  history(path: StoragePath, page: PageOptions): Promise<readonly JournalEntry[]>
  entries(filter: EntryFilter): Promise<readonly JournalEntry[]>
  /** @throws StorageError `NotFound`; with status 410 when nothing stood there then; 422 when its content is not known */
  revision(path: StoragePath, seq: number): Promise<Revision>
  /** What stood at a path at a time. @throws StorageError as `revision` does */
  at(path: StoragePath, time: number): Promise<Revision>
  /** Which of these contents are kept. */
  kept(hashes: Iterable<string | null>): Promise<ReadonlySet<string>>
}

/** How many entries `history` has. */
export interface RevisionCounts {
  /** For each file in a folder, by name. */
  revisionsIn(folder: StoragePath): Promise<ReadonlyMap<string, number>>
  /** Undefined where the journal knows no file. */
  revisionsOf(path: StoragePath): Promise<number | undefined>
}

/** Rows that are read at once, which takes some milliseconds. */
const together = 2000

export function createQueries(database: JournalDatabase): Queries {
  const arrivals = (path: StoragePath): Promise<readonly Arrival[]> =>
    database
      .selectFrom('journal_entry')
      .select(['id', 'line', 'shift'])
      .where('path', '=', path)
      .where('op', '=', 'moved_to')
      .orderBy('id', 'desc')
      .execute()

  async function entryOf(path: StoragePath, seq: number): Promise<JournalEntry | undefined> {
    const own = await database
      .selectFrom('journal_entry')
      .selectAll()
      .where('path', '=', path)
      .where('seq', '=', seq)
      .executeTakeFirst()
    if (own) return entryFrom(own, 0)
    for (const { id, line, shift } of await arrivals(path)) {
      if (line === null || seq <= shift) continue
      const row = await database
        .selectFrom('journal_entry')
        .selectAll()
        .where('line', '=', line)
        .where('id', '<', id)
        .where('seq', '=', seq - shift)
        .executeTakeFirst()
      if (row) return entryFrom(row, shift)
    }
    return undefined
  }

  async function prunedBefore(): Promise<number> {
    const fact = await database
      .selectFrom('journal_fact')
      .select('value')
      .where('name', '=', 'pruned_before')
      .executeTakeFirst()
    return Number(fact?.value ?? 0)
  }

  return {
    async history(path, { afterId, limit }) {
      const own = database.selectFrom('journal_entry').selectAll().where('path', '=', path)
      const parts = [{ query: own, shift: 0 }]
      for (const { id, line, shift } of await arrivals(path)) {
        if (line === null) continue
        const earlier = database
          .selectFrom('journal_entry')
          .selectAll()
          .where('line', '=', line)
          .where('id', '<', id)
          .where('path', '!=', path)
        parts.push({ query: earlier, shift })
      }
      const pages = parts.map(async ({ query, shift }) => {
        const rows = await query
          .where('id', '>', afterId)
          .where('op', 'not in', folderOperations)
          .orderBy('id')
          .limit(limit)
          .execute()
        return rows.map((row) => entryFrom(row, shift))
      })
      const found = (await Promise.all(pages)).flat()
      const inOrder = [...new Map(found.map((entry) => [entry.id, entry])).values()].toSorted(
        (one, other) => one.id - other.id,
      )
      return inOrder.slice(0, limit)
    },
    async entries({ path = parsePath(''), ops, since, afterId, limit }) {
      let query = database.selectFrom('journal_entry').selectAll().where('id', '>', afterId)
      if (path !== '') {
        query = query.where((row) =>
          row.or([row('path', '=', path), row.and([row('path', '>', `${path}/`), row('path', '<', `${path}0`)])]),
        )
      }
      if (ops) query = query.where('op', 'in', ops)
      if (since !== undefined) query = query.where('ts', '>=', since)
      const rows = await query.orderBy('id').limit(limit).execute()
      return rows.map((row) => entryFrom(row, 0))
    },
    async revision(path, seq) {
      const entry = await entryOf(path, seq)
      if (entry) return revisionOf(path, entry)
      const isPruned = await database
        .selectFrom('journal_place')
        .select('seq')
        .where('path', '=', path)
        .executeTakeFirst()
      if (isPruned && seq <= isPruned.seq) throw pruned(path)
      throw new StorageError('NotFound', `/${path} has no revision ${seq}. ?history lists those there are.`, { path })
    },
    async at(path, time) {
      const row = await database
        .selectFrom('journal_entry')
        .selectAll()
        .where('path', '=', path)
        .where('ts', '<=', time)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (row) return revisionOf(path, entryFrom(row, 0))
      if (time < (await prunedBefore())) throw pruned(path)
      throw new StorageError('NotFound', `Nothing is known of /${path} at that time.`, { path })
    },
    async kept(hashes) {
      const asked = [...new Set(hashes)].filter((hash) => hash !== null)
      if (asked.length === 0) return new Set()
      const rows = await database.selectFrom('journal_content').select('hash').where('hash', 'in', asked).execute()
      return new Set(rows.map(({ hash }) => hash))
    },
    async revisionsIn(folder) {
      const found = new Map<string, number>()
      const first = folder.length === 0 ? 0 : folder.length + 1
      for (let after = ''; ; await setImmediate()) {
        const rows = await database
          .selectFrom('journal_place')
          .select(['path', 'revisions'])
          .where('parent', '=', folder)
          .where('path', '>', after)
          .where('kind', '=', 'file')
          .orderBy('path')
          .limit(together)
          .execute()
        for (const { path, revisions } of rows) found.set(path.slice(first), revisions)
        const last = rows.at(-1)
        if (!last || rows.length < together) return found
        after = last.path
      }
    },
    async revisionsOf(path) {
      const row = await database
        .selectFrom('journal_place')
        .select(['revisions', 'kind'])
        .where('path', '=', path)
        .executeTakeFirst()
      return row?.kind === 'file' ? row.revisions : undefined
    },
  }
}

const folderOperations: readonly JournalOperation[] = [...unnumbered]

function entryFrom(row: Selectable<EntryTable>, shift: number): JournalEntry {
  const { old_mode, new_mode, old_uid, new_uid, old_gid, new_gid, ...rest } = row
  return {
    ...rest,
    path: parsePath(row.path),
    seq: row.seq === null ? null : row.seq + shift,
    source: row.source === null ? null : parsePath(row.source),
    dest: row.dest === null ? null : parsePath(row.dest),
    old: { mode: old_mode, uid: old_uid, gid: old_gid },
    now: { mode: new_mode, uid: new_uid, gid: new_gid },
  }
}

function revisionOf(path: StoragePath, entry: JournalEntry): Revision {
  if (endings.has(entry.op)) throw gone(path)
  if (unnumbered.has(entry.op)) {
    throw new StorageError('InvalidArgument', `/${path} was a folder then. Only files can be read as they were.`, {
      path,
    })
  }
  if (entry.after === null || entry.size_after === null) throw notKept(path, entry.seq)
  return { entry, hash: entry.after, size: entry.size_after }
}

const gone = (path: StoragePath): StorageError =>
  problem(
    'NotFound',
    { status: 410, code: 'GONE', bare: true },
    `File /${path} was deleted or moved at the requested point in time`,
    {
      path,
    },
  )

const pruned = (path: StoragePath): StorageError =>
  problem(
    'NotFound',
    { status: 410, code: 'GONE', bare: true },
    `What /${path} held then is older than the journal keeps`,
    {
      path,
    },
  )

/** @returns the error for content that was too large to be kept */
export const notKept = (path: StoragePath, seq: number | null): StorageError =>
  problem(
    'NotFound',
    { status: 422, code: 'CONTENT_NOT_KEPT', bare: true },
    `Content for revision ${seq ?? '?'} of /${path} is not stored (file exceeded journal size limit)`,
    { path },
  )
