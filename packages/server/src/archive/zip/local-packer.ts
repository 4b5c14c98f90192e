import { abortedBy, type LocalAccess } from '@filegate/core'
import { type Level, packFiles, type PackItem, type PackPool } from './pack-jobs.ts'
import { packPiece, pieceSize } from './pack-piece.ts'
import type { LargeFile, Packer } from './packer.ts'

const limits = { items: 128, bytes: 256 * 1024 }
const heaviest = 8 << 20

/** Threads open and read the files, so that this thread does nothing but pass on what they have packed. */
export function localPacker(local: LocalAccess, pool: PackPool, level: Level, signal: AbortSignal): Packer {
  const { root, followsSymlinks, within } = local
  const folder = { root, followsSymlinks, within }
  const turn = level === 0 ? inTurn() : atOnce
  return {
    limits,
    heaviest,
    pack: (items) => turn(() => packFiles(pool, { kind: 'files', folder, items, level }, signal)),
    packPiece: (job) => packPiece(job, pool.deflating, signal),
    openLarge: async (item) => {
      if (signal.aborted) throw abortedBy(signal)
      return openLarge(local, item)
    },
  }
}

type Turn = <Result>(work: () => Promise<Result>) => Promise<Result>

const atOnce: Turn = (work) => work()

/** Without compression one thread is as fast as two, measured, and takes 20 MB less. */
function inTurn(): Turn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work, work)
    last = result.catch(() => {})
    return result
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
