import { createDecoders } from './decompress/decoders.ts'
import type { ArchiveServices } from './open-archive.ts'
import { createTurns } from './turns.ts'

/** Each takes a thread and, by what the archive asks for, up to a few hundred MiB, as long as its reader takes. */
const atOnce = 4
const mostWaiting = 32
const patience = 30_000
/** With the buffers of a connection this is enough for some 30 KB a second; and it only counts while others wait. */
const longestPause = 20_000

export function createArchiveServices(): ArchiveServices {
  const turns = createTurns({ atOnce, mostWaiting, patience, longestPause })
  return { turns, decoders: createDecoders(turns) }
}
