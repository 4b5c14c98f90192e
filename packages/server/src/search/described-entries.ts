import { type LocalAccess, StorageError } from '@filegate/core'
import { setImmediate } from 'node:timers/promises'
import type { TreeEntry } from './tree-walk.ts'

/** Milliseconds of work between two turns of the event loop. */
const sliceTime = 3

/** With size and time, which a walk has left out. What is gone meanwhile is shown without. */
export async function describeEntries(local: LocalAccess, entries: readonly TreeEntry[]): Promise<TreeEntry[]> {
  const described: TreeEntry[] = []
  let pause = performance.now() + sliceTime
  for (const entry of entries) {
    described.push(describe(local, entry))
    if (performance.now() < pause) continue
    await setImmediate()
    pause = performance.now() + sliceTime
  }
  return described
}

function describe(local: LocalAccess, entry: TreeEntry): TreeEntry {
  try {
    const { modified, ...found } = local.stat(entry.path)
    return { ...entry, modified, size: found.kind === 'file' ? found.size : undefined }
  } catch (error) {
    if (StorageError.is(error)) return entry
    throw error
  }
}
