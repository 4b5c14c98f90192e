import { createDecoders } from './decompress/decoders.ts'
import type { ArchiveServices } from './open-archive.ts'
import { createTurns } from './turns.ts'

/** Each takes a thread, and up to a hundred MiB or so. */
const atOnce = 2
const mostWaiting = 32

export function createArchiveServices(): ArchiveServices {
  const turns = createTurns(atOnce, mostWaiting)
  return { turns, decoders: createDecoders(turns) }
}
