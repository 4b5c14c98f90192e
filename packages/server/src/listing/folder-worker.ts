import { type MessagePort, parentPort } from 'node:worker_threads'
import { classify, type FolderTask, namesInFolder } from '@filegate/driver-local/folder'
import type { ThreadReply } from '../archive/thread-pool.ts'
import { type ArrangedRows, arrangeRows, nameOrder, type Order } from './arrange-rows.ts'
import { buffersOf, packRows, type RowColumns, type RowTable, tableOfColumns } from './row-columns.ts'
import { finishReading, helpRead, type SharedFolder, shareFolder } from './shared-folder.ts'

/** Reads a folder and, where an order is given, puts it in order. Whoever holds the other ends of `helpers` may help. */
export interface ReadJob {
  readonly kind: 'read'
  readonly folder: FolderTask
  readonly helpers: readonly MessagePort[]
  readonly order?: Order | undefined
}

/** Helps to read the folder that comes through the port, if it comes before the port is closed. */
export interface HelpJob {
  readonly kind: 'help'
  readonly port: MessagePort
}

/** Puts rows in order. */
export interface ArrangeJob {
  readonly kind: 'arrange'
  readonly pieces: readonly RowColumns[]
  readonly order: Order
}

export type FolderJob = ReadJob | HelpJob | ArrangeJob

/** Fewer names are read before anybody else has woken up. */
const worthHelp = 2048

function read({ folder, helpers, order }: ReadJob): ArrangedRows {
  const names = namesInFolder(folder)
  const shared = shareFolder(folder, names)
  for (const port of helpers) {
    if (names.length >= worthHelp) port.postMessage(shared)
    port.close()
  }
  // While the others begin to read.
  const byName = order && nameOrder(names)
  finishReading(shared, names)
  const table = { names, types: shared.types, sizes: shared.sizes, times: shared.times }
  return order ? arrangeRows(table, order, byName) : { rows: packRows(table, positionsOf(shared)), more: false }
}

/** Where there is something. */
function positionsOf({ types }: SharedFolder): number[] {
  return [...types.keys()].filter((at) => types[at] !== 0)
}

function answer(work: () => ArrangedRows): void {
  let reply: ThreadReply<ArrangedRows>
  try {
    reply = { result: work() }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    reply = { code: classify(error) ?? 'Unexpected', message: `The folder cannot be read: ${reason}` }
  }
  parentPort?.postMessage(reply, 'result' in reply ? buffersOf(reply.result.rows) : [])
}

const none: RowTable = { names: [], types: [], sizes: [], times: [] }

function help({ port }: HelpJob): void {
  let folder: SharedFolder | undefined
  port.once('message', (shared: SharedFolder) => {
    folder = shared
    port.close()
  })
  port.once('close', () =>
    answer(() => {
      if (folder) helpRead(folder)
      return { rows: packRows(none, []), more: false }
    }),
  )
}

parentPort?.on('message', (job: FolderJob) => {
  if (job.kind === 'help') help(job)
  else answer(() => (job.kind === 'read' ? read(job) : arrangeRows(tableOfColumns(job.pieces), job.order)))
})
