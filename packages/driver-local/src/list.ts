import { StorageError, throwIfAborted } from '@filegate/core'
import type { Entry, ListOptions, Page, StoragePath } from '@filegate/core'
import type { Access } from './access.ts'
import { admittedPage } from './admitted-page.ts'
import type { DirectoryTask } from './directory-rows.ts'
import { listInline } from './list-inline.ts'
import type { LargeLister } from './list-large.ts'
import type { Position } from './list-task.ts'
import { keepsChangeTimes } from './plain-paths.ts'
import { preparedPages } from './prepared-pages.ts'

export interface LocalListOptions extends ListOptions {
  /** Fill `children` of every directory, counting to this number at most. Absent: it is left out, for it means reading each. */
  readonly countChildren?: number | undefined
}

export interface Lister {
  list(path: StoragePath, options: LocalListOptions): Promise<Page<Entry>>
  /** Forgets what was read ahead. */
  clear(): void
}

/** Where the next page starts, and the number under which a worker keeps the names; 0 for none. */
export interface Bookmark {
  readonly snapshot: number
  readonly position: Position
}

/** A directory of up to this many entries is listed on the calling thread, larger ones by a worker. */
const inlineLimit = 2000
/** Entries in a page, where the caller does not ask for fewer. Making as many takes the calling thread a millisecond. */
const pageSize = 5000

export function openLister(access: Access, large: LargeLister): Lister {
  const { root, followsSymlinks, within, locator } = access
  const provable = keepsChangeTimes(root)
  const prepared = preparedPages()

  async function makePage(path: StoragePath, options: LocalListOptions): Promise<Page<Entry>> {
    const { cursor, limit = pageSize, countChildren: countLimit = 0, signal } = options
    const bookmark = cursor === undefined ? undefined : parseCursor(cursor)
    const directory = access.pinDirectory(path)
    try {
      const { pinnedPath, pinned, realPath, stats } = directory
      const place = { root, followsSymlinks, within, provable, pinnedPath, pinned, realPath }
      const task = { ...place, countLimit, inHaste: true }
      const count = Math.max(1, Math.min(limit, pageSize))
      const request = { path, task, identity: `${stats.dev}:${stats.ino}`, count, bookmark, signal }
      const small = bookmark?.snapshot ? undefined : await listInline(locator, request, inlineLimit)
      return await admittedPage(access, small ?? (await large.list(request)), request)
    } finally {
      directory.close()
    }
  }

  return {
    async list(path, options) {
      const { cursor, limit, countChildren, signal } = options
      const key = (at: string): string => `${countChildren} ${at} ${path}`
      const ready = cursor !== undefined && limit === undefined ? prepared.take(key(cursor)) : undefined
      const page = await (ready ?? makePage(path, options))
      throwIfAborted(signal)
      if (page.cursor !== undefined && limit === undefined) {
        prepared.put(key(page.cursor), makePage(path, { cursor: page.cursor, countChildren }))
      }
      return page
    },
    clear: () => prepared.clear(),
  }
}

/** What both ways of listing are asked for. */
export interface ListRequest {
  readonly path: StoragePath
  readonly task: DirectoryTask
  /** Of the directory, among all there are. */
  readonly identity: string
  readonly count: number
  readonly bookmark: Bookmark | undefined
  readonly signal: AbortSignal | undefined
}

export const cursorFor = ({ snapshot, position }: Bookmark): string => `${snapshot}.${position.offset}.${position.last}`

function parseCursor(cursor: string): Bookmark {
  const [, snapshot, offset, last] = /^(\d{1,9})\.(\d{1,9})\.(.*)$/s.exec(cursor) ?? []
  if (snapshot === undefined || offset === undefined || last === undefined) {
    throw new StorageError('InvalidArgument', 'The cursor is not one that a listing of a local folder gave out.')
  }
  return { snapshot: Number(snapshot), position: { offset: Number(offset), last } }
}
