import { parentPort } from 'node:worker_threads'
import { StorageError } from '@filegate/core'
import { classify, type FolderTask, namesInFolder, rowsInFolder } from '@filegate/driver-local'
import type { ThreadReply } from '../archive/thread-pool.ts'
import { packRows, type RowColumns, rowOfFolder } from './row-columns.ts'
import { type Sorting, sortedRun } from './sort-rows.ts'

/** `names` absent: read them. Lists of names travel joined by NUL, which no name holds, because that is copied fastest. */
export interface FolderJob {
  readonly folder: FolderTask
  readonly names?: string | undefined
  /** What the rows of `names` are put in order by. */
  readonly sorting: Sorting
}

export type FolderResult = { readonly names: string } | { readonly rows: RowColumns }

function perform({ folder, names, sorting }: FolderJob): FolderResult {
  if (names === undefined) return { names: namesInFolder(folder).join('\0') }
  const rows = rowsInFolder(folder, names.split('\0')).map(rowOfFolder)
  return { rows: packRows(sortedRun(rows, sorting)) }
}

parentPort?.on('message', (job: FolderJob) => {
  const answer = (reply: ThreadReply<FolderResult>, transfer: ArrayBuffer[] = []): void =>
    parentPort?.postMessage(reply, transfer)
  try {
    const result = perform(job)
    answer({ result }, 'rows' in result ? [result.rows.numbers.buffer] : [])
  } catch (error) {
    const code = StorageError.is(error) ? error.code : (classify(error) ?? 'Unexpected')
    answer({ code, message: `The folder cannot be read: ${error instanceof Error ? error.message : String(error)}` })
  }
})
