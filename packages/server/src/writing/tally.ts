import { createHash } from 'node:crypto'
import { type Entry, type StorageDriver, walk } from '@filegate/core'

/**
 * A number for all that an entry is and holds, whatever the order in which it is listed; it takes no more memory for a
 * million files than for one. Equal numbers, nothing was added, removed or changed between.
 */
export async function tally(storage: StorageDriver, entry: Entry, signal: AbortSignal): Promise<bigint> {
  if (entry.kind === 'file') return numberOf(entry)
  let sum = 0n
  for await (const child of walk(storage, entry.path, { signal, fresh: true })) {
    sum = BigInt.asUintN(64, sum + numberOf(child))
  }
  return sum
}

/** The time of a folder changes with what it holds, and that is counted by itself. */
function numberOf(entry: Entry): bigint {
  const facts = entry.kind === 'file' ? [entry.size, entry.etag, entry.modified] : []
  return createHash('sha256')
    .update(JSON.stringify([entry.kind, entry.path, ...facts]))
    .digest()
    .readBigUInt64BE()
}
