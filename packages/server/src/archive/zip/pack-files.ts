import { closeSync, readSync } from 'node:fs'
import type { FileBatch, FileBatches } from '@filegate/driver-local/files'
import type { EntrySink } from './entry-sink.ts'
import { type FilesJob, largestWholeFile, type Omission, type PackedFiles, type PackItem } from './pack-jobs.ts'

/** An answer is sent once it is this long, so that the client gets something and memory stays small. */
export const enough = 256 * 1024

/**
 * Files whose plain paths could be used are read once more when the tree did not stand still meanwhile: what was read then may be
 * from anywhere.
 */
export function packFiles(job: FilesJob, batches: FileBatches, sink: EntrySink): PackedFiles {
  const together = batches.together()
  const packed = packBatch(job, together, sink)
  if (together.holds()) return packed
  return packBatch(job, batches.oneByOne(), sink)
}

function packBatch({ items }: FilesJob, batch: FileBatch, sink: EntrySink): PackedFiles {
  const omissions: Omission[] = []
  let done = 0
  let large = false
  for (const item of items) {
    if (sink.length >= enough) break
    const outcome = addItem(sink, batch, item)
    large = outcome === 'large'
    if (large) break
    if (outcome !== 'added') omissions.push({ path: item.path, reason: outcome })
    done += 1
  }
  return { ...sink.take(), done, large, omissions }
}

/** `added`, `large`, or the reason why it is left out. */
function addItem(sink: EntrySink, batch: FileBatch, item: PackItem): string {
  if (item.kind === 'directory') {
    sink.add(item, 0, () => 0)
    return 'added'
  }
  try {
    return addFile(sink, batch, item)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function addFile(sink: EntrySink, batch: FileBatch, item: PackItem): 'added' | 'large' {
  const { descriptor, size, modified, mode } = batch.open(item.path)
  try {
    if (size > largestWholeFile) return 'large'
    sink.add({ ...item, modified, mode }, size, (target) => readFully(descriptor, target, 0))
    return 'added'
  } finally {
    closeSync(descriptor)
  }
}

/** Fewer bytes than `target` holds only where the file ends. */
function readFully(descriptor: number, target: Uint8Array, position: number): number {
  let filled = 0
  while (filled < target.length) {
    const count = readSync(descriptor, target, filled, target.length - filled, position + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}
