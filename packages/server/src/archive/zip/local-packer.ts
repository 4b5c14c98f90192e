import { abortedBy, type LocalAccess } from '@filegate/core'
import { type Level, packFiles, type PackItem, packPiece, type PackPool, pieceSize } from './pack-jobs.ts'
import type { LargeFile, Packer } from './packer.ts'

const limits = { items: 128, bytes: 256 * 1024 }
const heaviest = 8 << 20

/** Threads open and read the files, so that this thread does nothing but pass on what they have packed. */
export function localPacker(local: LocalAccess, pool: PackPool, level: Level, signal: AbortSignal): Packer {
  const { root, followsSymlinks, within } = local
  const folder = { root, followsSymlinks, within }
  return {
    limits,
    heaviest,
    pack: (items) => packFiles(pool, { kind: 'files', folder, items, level }, signal),
    packPiece: (job) => packPiece(pool, job, signal),
    openLarge: async (item) => {
      if (signal.aborted) throw abortedBy(signal)
      return openLarge(local, item)
    },
  }
}

function openLarge(local: LocalAccess, item: PackItem): LargeFile {
  const file = local.openFile(item.path)
  const { descriptor } = file
  const { size, modified, posix } = file.entry
  return {
    item: { ...item, modified, mode: posix?.mode },
    size,
    async *pieces() {
      let start = 0
      do {
        const end = Math.min(size, start + pieceSize)
        yield { source: { descriptor, start, end }, last: end === size }
        start = end
      } while (start < size)
    },
    close: async () => file.close(),
  }
}
