import { type Archive, type ArchiveContent, broken, checkReadable, noSuchEntry, unsupported } from '../archive.ts'
import type { ArchiveBytes } from '../archive-bytes.ts'
import { type Decode, type Decoders, passThrough } from '../decompress/decoders.ts'
import { timeSlice } from '../time-slice.ts'
import { DirectoryReader, type ZipDirectoryEntry } from './directory-entries.ts'
import { findDirectory, readDirectory, readTail, type Tail } from './end-record.ts'
import { verified } from './verified.ts'

/**
 * A zip archive, read from its end: one read finds the directory, which is mostly part of what was read, and one more
 * gets an entry. Undefined when the file has no end record.
 */
export async function openZip(file: ArchiveBytes, decoders: Decoders, given?: Tail): Promise<Archive | undefined> {
  const tail = given ?? (await readTail(file))
  const place = await findDirectory(file, tail)
  if (!place) return undefined
  const reader = async (): Promise<DirectoryReader> =>
    new DirectoryReader(await readDirectory(file, tail, place), place)
  return {
    format: 'zip',
    packedSize: undefined,
    async list(found) {
      const entries = await reader()
      const rest = timeSlice()
      for (let entry = entries.next(), count = 1; entry; entry = entries.next(), count++) {
        found(entry)
        if (count % 1024 === 0) await rest()
      }
    },
    async open(path) {
      const entries = await reader()
      const rest = timeSlice()
      let found: ZipDirectoryEntry | undefined
      // To the end in any case: an archive that contradicts itself further on is not to be trusted here either.
      for (let entry = entries.next(), count = 1; entry; entry = entries.next(), count++) {
        if (entry.path === path) found ??= { ...entry }
        if (count % 1024 === 0) await rest()
      }
      if (!found) throw noSuchEntry(path)
      return openEntry(file, found, place.start, decoders)
    },
  }
}

/** By the numbers of APPNOTE, section 4.4.5. */
function decoderOf(entry: ZipDirectoryEntry, decoders: Decoders): Decode {
  const byMethod: ReadonlyMap<number, Decode> = new Map([
    [0, passThrough],
    [8, decoders.deflate],
    [12, decoders.bzip2],
    [93, decoders.zstd],
    [95, decoders.xz],
  ])
  const decode = byMethod.get(entry.method)
  if (!decode) throw unsupported(`Entry ${JSON.stringify(entry.path)}, packed by method ${entry.method},`)
  return decode
}

function openEntry(file: ArchiveBytes, entry: ZipDirectoryEntry, limit: number, decoders: Decoders): ArchiveContent {
  checkReadable(entry)
  const decode = decoderOf(entry, decoders)
  if (entry.method === 0 && entry.size !== entry.compressedSize) throw broken('a stored entry lies about its size')
  const packed = packedData(file, entry, limit)
  return { entry, chunks: verified(decode(packed, file.signal), entry) }
}

const headerSize = 30
const mostExtra = 0xffff

/** The packed bytes. How long the local header is stands in itself, so it is read in one go with what follows. */
async function* packedData(
  file: ArchiveBytes,
  { offset, nameLength, compressedSize }: ZipDirectoryEntry,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let head = Buffer.alloc(0)
  let left: number | undefined
  for await (const chunk of file.stream(
    offset,
    Math.min(limit, offset + headerSize + nameLength + mostExtra + compressedSize),
  )) {
    let data = chunk
    if (left === undefined) {
      head = Buffer.concat([head, chunk])
      const start = dataStart(head)
      if (start === undefined || head.length < start) continue
      left = compressedSize
      data = head.subarray(start)
    }
    const part = data.subarray(0, left)
    left -= part.length
    if (part.length > 0) yield part
    if (left === 0) return
  }
  if (left !== 0) throw broken('the data of an entry is cut off')
}

/** Undefined when more bytes are needed to tell. */
function dataStart(head: Buffer): number | undefined {
  if (head.length < headerSize) return undefined
  if (head.readUInt32LE(0) !== 0x04034b50) throw broken('an entry is not where the directory says')
  return headerSize + head.readUInt16LE(26) + head.readUInt16LE(28)
}
