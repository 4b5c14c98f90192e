import { dosTime } from './dos-time.ts'

/** The layouts are those of APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16; offsets in the comments are theirs. */
export const most32 = 0xffffffff
export const most16 = 0xffff
export const methods = { stored: 0, deflated: 8 } as const

const flagStreamed = 0x0008
const flagUtf8 = 0x0800
const version = { plain: 20, zip64: 45 } as const
const madeByUnix = 3 << 8
const modes = { file: 0o100000, directory: 0o040000 } as const
const dosDirectory = 0x10
/** The extended timestamp of Info-ZIP: Unix seconds in UTC, where the DOS time is local and even. */
const timestamp = { tag: 0x5455, size: 9 } as const
const zip64Tag = 0x0001
/** Sizes and offset of a zip64 local header, and the most that central records need. */
const zip64LocalSize = 20
const zip64CentralSize = 28

export interface ZipEntry {
  /** UTF-8. */
  readonly name: Buffer
  readonly kind: 'file' | 'directory'
  /** Unix milliseconds. */
  readonly modified: number | undefined
  /** Permission bits. */
  readonly mode: number | undefined
  readonly method: number
  /** Set when CRC and sizes follow the data, because the header went out before they were known. */
  readonly streamed: boolean
  /** Set when a streamed entry may reach 4 GiB, so that its descriptor has wide sizes. */
  readonly wide: boolean
  readonly crc: number
  readonly size: number
  readonly compressedSize: number
}

/** The most bytes that the two headers of an entry take. */
export const localHeaderBound = (name: Buffer): number => 30 + name.length + timestamp.size + zip64LocalSize
export const centralRecordBound = (name: Buffer): number => 46 + name.length + timestamp.size + zip64CentralSize

interface Sizes {
  readonly crc: number
  readonly compressedSize: number
  readonly size: number
}

/** The fields that both headers share, from "version needed" to "extra field length", 26 bytes. */
function writeCommon(target: Buffer, at: number, entry: ZipEntry, sizes: Sizes, extra: Extra): void {
  target.writeUInt16LE(extra.wide ? version.zip64 : version.plain, at)
  target.writeUInt16LE(flagUtf8 | (entry.streamed ? flagStreamed : 0), at + 2)
  target.writeUInt16LE(entry.method, at + 4)
  target.writeUInt32LE(dosTime(entry.modified ?? 0), at + 6)
  target.writeUInt32LE(sizes.crc, at + 10)
  target.writeUInt32LE(Math.min(sizes.compressedSize, most32), at + 14)
  target.writeUInt32LE(Math.min(sizes.size, most32), at + 18)
  target.writeUInt16LE(entry.name.length, at + 22)
  target.writeUInt16LE(extra.length, at + 24)
}

interface Extra {
  readonly length: number
  readonly wide: boolean
}

const fitsTimestamp = (seconds: number): boolean => seconds === (seconds | 0)

function timestampLength({ modified }: ZipEntry): number {
  return modified !== undefined && fitsTimestamp(Math.floor(modified / 1000)) ? timestamp.size : 0
}

function writeTimestamp(target: Buffer, at: number, entry: ZipEntry): number {
  if (timestampLength(entry) === 0) return at
  target.writeUInt16LE(timestamp.tag, at)
  target.writeUInt16LE(timestamp.size - 4, at + 2)
  target[at + 4] = 1
  target.writeInt32LE(Math.floor((entry.modified ?? 0) / 1000), at + 5)
  return at + timestamp.size
}

/** Writes values of 64 bits behind their tag; returns the offset behind them. */
function writeZip64(target: Buffer, at: number, values: readonly number[]): number {
  if (values.length === 0) return at
  target.writeUInt16LE(zip64Tag, at)
  target.writeUInt16LE(values.length * 8, at + 2)
  values.forEach((value, index) => target.writeBigUInt64LE(BigInt(value), at + 4 + index * 8))
  return at + 4 + values.length * 8
}

/** Returns the offset behind the header, where the data goes. */
export function writeLocalHeader(target: Buffer, at: number, entry: ZipEntry): number {
  const unknown = entry.wide ? most32 : 0
  const sizes = entry.streamed ? { crc: 0, compressedSize: unknown, size: unknown } : entry
  const length = timestampLength(entry) + (entry.wide ? zip64LocalSize : 0)
  target.writeUInt32LE(0x04034b50, at)
  writeCommon(target, at + 4, entry, sizes, { length, wide: entry.wide })
  const named = at + 30 + entry.name.copy(target, at + 30)
  return writeZip64(target, writeTimestamp(target, named, entry), entry.wide ? [0, 0] : [])
}

/** What follows the data of a streamed entry (4.3.9). */
export function dataDescriptor({ crc, compressedSize, size, wide }: ZipEntry): Buffer {
  const descriptor = Buffer.alloc(wide ? 24 : 16)
  descriptor.writeUInt32LE(0x08074b50, 0)
  descriptor.writeUInt32LE(crc, 4)
  if (wide) {
    descriptor.writeBigUInt64LE(BigInt(compressedSize), 8)
    descriptor.writeBigUInt64LE(BigInt(size), 16)
  } else {
    descriptor.writeUInt32LE(compressedSize, 8)
    descriptor.writeUInt32LE(size, 12)
  }
  return descriptor
}

/** `offset` is where the local header stands. Returns the offset behind the record. */
export function writeCentralRecord(target: Buffer, at: number, entry: ZipEntry, offset: number): number {
  const wide = [entry.size, entry.compressedSize, offset].filter((value) => value >= most32)
  const zip64Length = wide.length === 0 ? 0 : 4 + wide.length * 8
  const length = timestampLength(entry) + zip64Length
  const permissions = entry.mode ?? (entry.kind === 'directory' ? 0o755 : 0o644)
  const attributes =
    ((modes[entry.kind] | (permissions & 0o777)) << 16) | (entry.kind === 'directory' ? dosDirectory : 0)
  target.writeUInt32LE(0x02014b50, at)
  target.writeUInt16LE(madeByUnix | version.zip64, at + 4)
  writeCommon(target, at + 6, entry, entry, { length, wide: entry.wide || wide.length > 0 })
  target.writeUInt32LE(0, at + 32)
  target.writeUInt16LE(0, at + 36)
  target.writeUInt32LE(attributes >>> 0, at + 38)
  target.writeUInt32LE(Math.min(offset, most32), at + 42)
  const named = at + 46 + entry.name.copy(target, at + 46)
  return writeZip64(target, writeTimestamp(target, named, entry), wide)
}

/**
 * A central record whose offset does not fit 32 bits after all. It must have no zip64 field yet, which holds for records
 * written with a small offset for files below 4 GiB.
 */
export function widened(record: Buffer, offset: number): Buffer {
  const wide = Buffer.concat([record, Buffer.alloc(12)])
  writeZip64(wide, record.length, [offset])
  wide.writeUInt16LE(version.zip64, 6)
  wide.writeUInt16LE(wide.readUInt16LE(30) + 12, 30)
  wide.writeUInt32LE(most32, 42)
  return wide
}

/** The end of an archive: of the zip64 kind exactly when a field of the plain one cannot hold its value. */
export function endRecords(count: number, directorySize: number, directoryOffset: number): Buffer<ArrayBuffer> {
  const zip64 = count >= most16 || directorySize >= most32 || directoryOffset >= most32
  const records = Buffer.alloc(zip64 ? 56 + 20 + 22 : 22)
  if (zip64) {
    records.writeUInt32LE(0x06064b50, 0)
    records.writeBigUInt64LE(44n, 4)
    records.writeUInt16LE(madeByUnix | version.zip64, 12)
    records.writeUInt16LE(version.zip64, 14)
    records.writeBigUInt64LE(BigInt(count), 24)
    records.writeBigUInt64LE(BigInt(count), 32)
    records.writeBigUInt64LE(BigInt(directorySize), 40)
    records.writeBigUInt64LE(BigInt(directoryOffset), 48)
    records.writeUInt32LE(0x07064b50, 56)
    records.writeBigUInt64LE(BigInt(directoryOffset + directorySize), 64)
    records.writeUInt32LE(1, 72)
  }
  const at = records.length - 22
  records.writeUInt32LE(0x06054b50, at)
  records.writeUInt16LE(Math.min(count, most16), at + 8)
  records.writeUInt16LE(Math.min(count, most16), at + 10)
  records.writeUInt32LE(Math.min(directorySize, most32), at + 12)
  records.writeUInt32LE(Math.min(directoryOffset, most32), at + 16)
  return records
}
