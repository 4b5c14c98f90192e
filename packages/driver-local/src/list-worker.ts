import { packRows } from './columns.ts'
import { directoryNames } from './directory-names.ts'
import { directoryRows } from './directory-rows.ts'
import { type ListReply, type ListTask, positionAfter, resumeAt } from './list-task.ts'
import { locatorFor } from './locator.ts'
import { serveTasks } from './worker-tasks.ts'

interface Snapshot {
  readonly identity: string
  readonly names: readonly string[]
  readonly expiry: NodeJS.Timeout
}

const capacity = 4
/** Milliseconds between two pages of one listing, at most; after that the names are read anew. */
const lifetime = 10_000
/** Rows between two proofs that the tree stood still. */
const batchSize = 512

const snapshots = new Map<number, Snapshot>()

function drop(number: number): void {
  clearTimeout(snapshots.get(number)?.expiry)
  snapshots.delete(number)
}

function namesFor({ snapshot, identity, pinnedPath }: ListTask): readonly string[] {
  const kept = snapshots.get(snapshot)
  drop(snapshot)
  const names = kept?.identity === identity ? kept.names : (directoryNames(pinnedPath) ?? [])
  const expiry = setTimeout(() => drop(snapshot), lifetime).unref()
  snapshots.set(snapshot, { identity, names, expiry })
  for (const oldest of snapshots.keys()) if (snapshots.size > capacity) drop(oldest)
  return names
}

serveTasks<ListTask, ListReply>((task) => {
  const names = namesFor(task)
  const start = resumeAt(names, task.position)
  const end = Math.min(names.length, start + task.count)
  const locator = locatorFor(task.root, task.followsSymlinks)
  const rows = []
  for (let at = start; at < end; at += batchSize) {
    for (const row of directoryRows(task, locator, names.slice(at, Math.min(end, at + batchSize)))) rows.push(row)
  }
  const columns = packRows(rows)
  return { reply: { columns, next: positionAfter(names, end) }, transfer: [columns.numbers.buffer] }
})
