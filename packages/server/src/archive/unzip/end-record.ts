import { bounds, broken, encrypted, tooLarge } from '../archive.ts'
import type { ArchiveBytes } from '../archive-bytes.ts'

/** Where the directory of a zip archive is, and what it holds. */
export interface DirectoryPlace {
  readonly start: number
  readonly end: number
  /** Entries, modulo 65,536 in archives of the old kind. */
  readonly count: number
  readonly wideCount: boolean
  /** How many bytes stand before the archive in its file: what is added to each offset in it. */
  readonly prefix: number
}

/** The part of the file that was read to find the end; most often the directory is in it. */
export interface Tail {
  readonly bytes: Buffer
  readonly start: number
}

const endSize = 22
const locatorSize = 20
const wideEndSize = 56
/** What the size field of such a record says, and the version from which on more of it tells of encryption (7.3.3). */
const plainWideEnd = 44
const encryptedDirectoryVersion = 62
/** An end record with the longest comment, and the records of zip64 before it, fit well; so do most directories. */
export const tailSize = 128 * 1024

export async function readTail(file: ArchiveBytes): Promise<Tail> {
  const start = Math.max(0, file.size - tailSize)
  const bytes = await file.read(start, file.size)
  return { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), start }
}

/** Undefined when there is no end record, so that this is no zip archive or not all of one. */
export async function findDirectory(file: ArchiveBytes, tail: Tail): Promise<DirectoryPlace | undefined> {
  const at = endRecordIn(tail.bytes)
  if (at === undefined) return undefined
  const { bytes } = tail
  const fields = {
    disk: bytes.readUInt16LE(at + 4),
    count: bytes.readUInt16LE(at + 10),
    size: bytes.readUInt32LE(at + 12),
    offset: bytes.readUInt32LE(at + 16),
  }
  const wide = at >= locatorSize && bytes.readUInt32LE(at - locatorSize) === 0x07064b50
  const place = wide ? await wideDirectory(file, tail, at - locatorSize) : { ...fields, end: tail.start + at }
  if (place.disk !== 0) throw broken('it is one part of several')
  if (place.size > bounds.directory) throw tooLarge('its directory takes more than 64 MiB')
  const start = place.end - place.size
  const prefix = start - place.offset
  if (start < 0 || prefix < 0) throw broken('its directory would begin before the file does')
  return { start, end: place.end, count: place.count, wideCount: wide, prefix }
}

/** The last record whose comment ends where the file does; a comment may hold what looks like a record. */
function endRecordIn(bytes: Buffer): number | undefined {
  for (let at = bytes.length - endSize; at >= 0 && at >= bytes.length - endSize - 0xffff; at--) {
    if (bytes[at] !== 0x50 || bytes.readUInt32LE(at) !== 0x06054b50) continue
    if (at + endSize + bytes.readUInt16LE(at + 20) === bytes.length) return at
  }
  return undefined
}

interface WideEnd {
  readonly disk: number
  readonly count: number
  readonly size: number
  readonly offset: number
  /** Where the directory ends: at the record itself. */
  readonly end: number
}

/** The record stands where its locator says, or, with bytes before the archive, right before the locator. */
async function wideDirectory(file: ArchiveBytes, tail: Tail, locator: number): Promise<WideEnd> {
  const stated = wideNumber(tail.bytes, locator + 8)
  for (const start of [stated, tail.start + locator - wideEndSize]) {
    const record = await slice(file, tail, start, start + wideEndSize)
    if (record?.readUInt32LE(0) !== 0x06064b50) continue
    if ((record[14] ?? 0) >= encryptedDirectoryVersion && wideNumber(record, 4) > plainWideEnd)
      throw encrypted('The directory of the archive')
    return {
      disk: record.readUInt32LE(16),
      count: wideNumber(record, 32),
      size: wideNumber(record, 40),
      offset: wideNumber(record, 48),
      end: start,
    }
  }
  throw broken('its zip64 end record is missing')
}

async function slice(file: ArchiveBytes, tail: Tail, start: number, end: number): Promise<Buffer | undefined> {
  if (start < 0 || end > file.size) return undefined
  if (start >= tail.start) return tail.bytes.subarray(start - tail.start, end - tail.start)
  return Buffer.from(await file.read(start, end))
}

/** @throws StorageError for numbers that no file can have. */
export function wideNumber(bytes: Buffer, at: number): number {
  const number = Number(bytes.readBigUInt64LE(at))
  if (Number.isSafeInteger(number)) return number
  throw broken('it names a size or place beyond all files')
}

export async function readDirectory(file: ArchiveBytes, tail: Tail, place: DirectoryPlace): Promise<Buffer> {
  return (await slice(file, tail, place.start, place.end)) ?? Buffer.alloc(0)
}
