import { throwIfAborted } from '@filegate/core'
import {
  type Archive,
  type ArchiveContent,
  type ArchiveFormat,
  bounds,
  checkReadable,
  broken,
  noSuchEntry,
  tooLarge,
  unsupported,
} from '../archive.ts'
import type { ArchiveBytes } from '../archive-bytes.ts'
import { type Decode, passThrough } from '../decompress/decoders.ts'
import { createForwardReader, type ForwardReader } from './forward-reader.ts'
import { type TarEntry, tarEntries } from './tar-entries.ts'

/** A skip this long is done by reading elsewhere: in a file that costs nothing, in a remote one a request. */
const reopenFrom = { local: 128 * 1024, remote: 4 << 20 } as const

/** A tar archive, read from its start as far as needed; plain ones without what lies between the headers. */
export function openTar(file: ArchiveBytes, format: ArchiveFormat, decode: Decode): Archive {
  const plain = decode === passThrough
  const start = (): Start => {
    const mostUnpacked = plain ? Infinity : Math.max(bounds.unpacked, file.size * bounds.unpackedRatio)
    const budget = new Budget(mostUnpacked, file.signal)
    const reader = createForwardReader({
      open: (at) => budget.watch(decode(budget.timed(file.stream(at, file.size)), file.signal)),
      reopenFrom: plain ? reopenFrom[file.seeksFreely ? 'local' : 'remote'] : undefined,
    })
    return { reader, budget }
  }
  return {
    format,
    packedSize: plain ? null : file.size,
    async list(found) {
      const { reader } = start()
      try {
        for await (const entry of tarEntries(reader)) found(entry)
        // To the end, where the checksum of the compressed data stands.
        if (!plain) await reader.skip(Infinity)
      } finally {
        await reader.close()
      }
    },
    async open(path) {
      const found = await findEntry(start(), path)
      // A hard link is another name of an entry that came before it, so this is looked for once more, and only once.
      return typeof found === 'string' ? content(await findEntry(start(), found), path) : content(found, path)
    },
  }
}

interface Start {
  readonly reader: ForwardReader
  readonly budget: Budget
}

/** An entry with the reader at its data. */
interface FoundEntry {
  readonly entry: TarEntry
  readonly reader: ForwardReader
}

/** The entry to read, or the name of the one it is a hard link to. */
async function findEntry({ reader, budget }: Start, path: string): Promise<FoundEntry | string> {
  try {
    for await (const entry of tarEntries(reader)) {
      if (entry.path !== path) continue
      if (entry.type === 'hardlink' && entry.linkTarget !== null) {
        await reader.close()
        return entry.linkTarget
      }
      checkReadable(entry)
      if (entry.sparse) throw unsupported(`The sparse file ${JSON.stringify(path)}`)
      budget.lift()
      return { entry, reader }
    }
    throw noSuchEntry(path)
  } catch (error) {
    await reader.close()
    throw error
  }
}

function content(found: FoundEntry | string, path: string): ArchiveContent {
  if (typeof found === 'string') throw broken(`${JSON.stringify(path)} is a link to a link`)
  return { entry: { ...found.entry, path }, chunks: chunksOf(found) }
}

async function* chunksOf({ reader, entry }: FoundEntry): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    let left = entry.size
    for await (const chunk of reader.chunks(entry.size)) {
      left -= chunk.length
      yield chunk
    }
    if (left > 0) throw broken('the data of an entry is cut off')
  } finally {
    await reader.close()
  }
}

/** Ends a search that unpacks too much or takes too long. */
class Budget {
  readonly #until = performance.now() + bounds.searching
  readonly #mostUnpacked: number
  readonly #signal: AbortSignal
  #unpacked = 0
  #lifted = false

  constructor(mostUnpacked: number, signal: AbortSignal) {
    this.#mostUnpacked = mostUnpacked
    this.#signal = signal
  }

  lift(): void {
    this.#lifted = true
  }

  /** Of packed bytes: there may be many of which little or nothing comes out. */
  async *timed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      this.#checkTime()
      yield chunk
    }
  }

  async *watch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      throwIfAborted(this.#signal)
      this.#unpacked += chunk.length
      if (!this.#lifted && this.#unpacked > this.#mostUnpacked)
        throw tooLarge(`it unpacks to more than ${bounds.unpackedRatio} times its size`)
      this.#checkTime()
      yield chunk
    }
  }

  #checkTime(): void {
    if (!this.#lifted && performance.now() > this.#until) throw tooLarge('reading it takes more than 30 seconds')
  }
}
