import { siblingModule } from '@filegate/core'
import type { Entry, Page } from '@filegate/core'
import { unpackRows } from './columns.ts'
import { entryFromRow } from './list-inline.ts'
import type { ListReply, ListTask } from './list-task.ts'
import { cursorFor, type ListRequest } from './list.ts'
import { workerPool } from './worker-pool.ts'

export interface LargeLister {
  list(request: ListRequest): Promise<Page<Entry>>
  close(): Promise<void>
}

/** Lists in a worker, which keeps the names of a directory for a while, so that pages do not read it again. */
export function openLargeLister(): LargeLister {
  const pool = workerPool<ListTask, ListReply>({ module: siblingModule(import.meta.url, './list-worker'), size: 1 })
  let lastSnapshot = 0
  return {
    async list({ path, task, identity, count, bookmark, signal }) {
      const snapshot = bookmark?.snapshot || ++lastSnapshot
      const position = bookmark?.position ?? { offset: 0, last: '' }
      const { columns, next } = await pool.run({ ...task, inHaste: false, snapshot, identity, position, count }, signal)
      const items = unpackRows(columns).map((row) => entryFromRow(path, row, row.etag))
      return { items, cursor: next && cursorFor({ snapshot, position: next }) }
    },
    close: () => pool.close(),
  }
}
