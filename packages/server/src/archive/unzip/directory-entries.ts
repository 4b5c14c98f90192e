import { isUtf8 } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { type ArchiveEntry, broken, type EntryType } from '../archive.ts'
import { timeOfDos } from '../zip/dos-time.ts'
import { fromCodePage437 } from './code-page.ts'
import { type DirectoryPlace, wideNumber } from './end-record.ts'

export interface ZipDirectoryEntry extends ArchiveEntry {
  readonly compressedSize: number
  readonly method: number
  readonly crc: number
  /** Of the local header, in the file. */
  readonly offset: number
  /** Bytes of the name, in both headers. */
  readonly nameLength: number
}

type Reused<T> = { -readonly [Member in keyof T]: T[Member] }

const recordSize = 46
/** Bytes that become text at a time. */
const textSize = 65_536
const most16 = 0xffff
const most32 = 0xffffffff
const flags = { encrypted: 0x0001, utf8: 0x0800, maskedHeader: 0x2000 } as const
const extraTags = { zip64: 0x0001, unicodePath: 0x7075, timestamp: 0x5455 } as const

/** Reads the records of a directory one by one. */
export class DirectoryReader {
  readonly #directory: Buffer
  readonly #place: DirectoryPlace
  readonly #hours = new Map<number, number | null>()
  readonly #found: Reused<ZipDirectoryEntry> = {
    path: '',
    type: 'file',
    size: 0,
    compressedSize: 0,
    modified: null,
    mode: null,
    linkTarget: null,
    encrypted: false,
    method: 0,
    crc: 0,
    offset: 0,
    nameLength: 0,
  }
  #at = 0
  #count = 0
  #packed = 0
  /** What stands between these places of the directory. */
  #text = ''
  #textStart = 0
  #textEnd = 0

  constructor(directory: Buffer, place: DirectoryPlace) {
    this.#directory = directory
    this.#place = place
  }

  /**
   * The next entry, which holds only until the one after: twenty thousand objects cost the collector more than all else.
   * Undefined after the last one. @throws StorageError on anything that an honest archive does not hold.
   */
  next(): ZipDirectoryEntry | undefined {
    const directory = this.#directory
    const at = this.#at
    if (at === directory.length) return this.#finish()
    if (at + recordSize > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
      throw broken('its directory does not hold what it should')
    }
    const nameLength = directory.readUInt16LE(at + 28)
    const extraStart = at + recordSize + nameLength
    const extraEnd = extraStart + directory.readUInt16LE(at + 30)
    this.#at = extraEnd + directory.readUInt16LE(at + 32)
    if (this.#at > directory.length) throw broken('a record of its directory is cut off')
    this.#count += 1
    return this.#entry(at, extraStart, extraEnd)
  }

  #entry(at: number, extraStart: number, extraEnd: number): ZipDirectoryEntry {
    const directory = this.#directory
    const flag = directory.readUInt16LE(at + 8)
    const fromUnix = unixHosts.has(directory[at + 5] ?? 0)
    const entry = this.#found
    entry.compressedSize = directory.readUInt32LE(at + 20)
    entry.size = directory.readUInt32LE(at + 24)
    entry.offset = directory.readUInt32LE(at + 42)
    entry.modified = null
    entry.path = ''
    readExtra(entry, directory, at, { start: extraStart, end: extraEnd })
    if (entry.path === '') entry.path = this.#name(at + recordSize, extraStart, (flag & flags.utf8) !== 0, fromUnix)
    entry.modified ??= this.#dosTime(directory.readUInt32LE(at + 12))
    entry.offset += this.#place.prefix
    this.#checkPlace(entry)
    const attributes = directory.readUInt32LE(at + 38)
    const unix = fromUnix ? attributes >>> 16 : 0
    entry.type = typeOf(entry.path, unix, attributes)
    entry.mode = unix === 0 ? null : unix & 0o7777
    entry.encrypted = (flag & (flags.encrypted | flags.maskedHeader)) !== 0
    entry.method = directory.readUInt16LE(at + 10)
    entry.crc = directory.readUInt32LE(at + 16)
    entry.nameLength = extraStart - at - recordSize
    return entry
  }

  #checkPlace({ offset, compressedSize }: ZipDirectoryEntry): void {
    const { start } = this.#place
    if (offset + 30 > start || offset + 30 + compressedSize > start) throw broken('an entry would lie outside of it')
    this.#packed += compressedSize
    if (this.#packed > start) throw broken('its entries overlap')
  }

  #name(start: number, end: number, utf8: boolean, fromUnix: boolean): string {
    const directory = this.#directory
    let at = start
    while (at < end && (directory[at] ?? 0) < 0x80) at += 1
    if (at === end) return this.#ascii(start, end)
    const bytes = directory.subarray(start, end)
    // Programs on Unix have always written the bytes they found, which are UTF-8 today, without saying so.
    return utf8 || (fromUnix && isUtf8(bytes)) ? bytes.toString('utf8') : fromCodePage437(bytes)
  }

  /** Names are parts of a larger text: making each by itself takes as long as all the rest. */
  #ascii(start: number, end: number): string {
    if (end > this.#textEnd) {
      this.#textStart = start
      this.#textEnd = Math.max(end, Math.min(start + textSize, this.#directory.length))
      this.#text = this.#directory.toString('latin1', start, this.#textEnd)
    }
    return this.#text.slice(start - this.#textStart, end - this.#textStart)
  }

  /** Asking for local time takes longer than all the rest, so once an hour is enough: clocks are not set within one. */
  #dosTime(dos: number): number | null {
    const hour = dos >>> 11
    let start = this.#hours.get(hour)
    if (start === undefined) {
      start = timeOfDos((dos & ~0x7ff) >>> 0)
      this.#hours.set(hour, start)
    }
    return start === null ? null : start + ((dos >>> 5) & 63) * 60 + (dos & 31) * 2
  }

  #finish(): undefined {
    const { count, wideCount } = this.#place
    if (count !== (wideCount ? this.#count : this.#count & most16))
      throw broken('it holds not as many entries as it says')
    return undefined
  }
}

/** Unix and macOS, in "version made by" (APPNOTE, 4.4.2). */
const unixHosts: ReadonlySet<number> = new Set([3, 19])

interface Field {
  readonly start: number
  readonly end: number
}

/** What an extra field says in place of the record. */
function readExtra(entry: Reused<ZipDirectoryEntry>, directory: Buffer, record: number, { start, end }: Field): void {
  for (let at = start; at + 4 <= end; ) {
    const tag = directory.readUInt16LE(at)
    const field = at + 4
    at = field + directory.readUInt16LE(at + 2)
    if (at > end) throw broken('an extra field is cut off')
    if (tag === extraTags.zip64) readWide(entry, directory, record, { start: field, end: at })
    else if (tag === extraTags.timestamp && at - field >= 5 && (directory[field] ?? 0) & 1)
      entry.modified = directory.readInt32LE(field + 1)
    else if (tag === extraTags.unicodePath)
      readUnicodePath(entry, directory.subarray(field, at), directory.subarray(record + recordSize, start))
  }
}

/** The field holds a value for each one that did not fit the record, in this order. */
function readWide(entry: Reused<ZipDirectoryEntry>, directory: Buffer, record: number, { start, end }: Field): void {
  let at = start
  const next = (): number => {
    if (at + 8 > end) throw broken('a zip64 field is cut off')
    at += 8
    return wideNumber(directory, at - 8)
  }
  if (directory.readUInt32LE(record + 24) === most32) entry.size = next()
  if (directory.readUInt32LE(record + 20) === most32) entry.compressedSize = next()
  if (directory.readUInt32LE(record + 42) === most32) entry.offset = next()
}

/** Counts only if it belongs to this very name: other tools rename entries without knowing of it. */
function readUnicodePath(entry: Reused<ZipDirectoryEntry>, field: Buffer, name: Buffer): void {
  if (field.length > 5 && field[0] === 1 && field.readUInt32LE(1) === crc32(name))
    entry.path = field.toString('utf8', 5)
}

const unixTypes: ReadonlyMap<number, EntryType> = new Map([
  [0o040000, 'directory'],
  [0o120000, 'symlink'],
  [0o100000, 'file'],
  [0, 'file'],
])

function typeOf(path: string, unix: number, attributes: number): EntryType {
  if (path.endsWith('/') || (attributes & 0x10) !== 0) return 'directory'
  return unixTypes.get(unix & 0o170000) ?? 'other'
}
