import { StorageError } from '@filegate/core'
import { type ArchiveEntry, broken, type EntryType, tooLarge } from '../archive.ts'
import type { ForwardReader } from './forward-reader.ts'
import { blockSize, isHeader, isZero, parseHeader, type TarHeader, text } from './header.ts'
import { parsePax, type PaxRecords } from './pax.ts'

/** Long names and extended headers are held in memory. */
const longestExtension = 1 << 20

export interface TarEntry extends ArchiveEntry {
  /** Bytes that follow in the archive: less than `size` in sparse files. */
  readonly storedSize: number
  readonly sparse: boolean
}

const types: Readonly<Record<string, EntryType>> = {
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'other',
  '4': 'other',
  '5': 'directory',
  '6': 'other',
  '7': 'file',
  S: 'file',
}

/** What headers of their own say about the entry that follows. */
interface Announced {
  pax?: PaxRecords
  name?: string
  linkName?: string
}

/**
 * The entries of a tar archive. When one is given, the reader stands at its data, which may be read or left alone.
 * @throws StorageError `InvalidArgument` also when the bytes end before the end mark of the archive.
 */
export async function* tarEntries(reader: ForwardReader): AsyncGenerator<TarEntry, void, undefined> {
  let globals: PaxRecords = new Map()
  let announced: Announced = {}
  for (let first = true; ; first = false) {
    const block = await reader.read(blockSize)
    if (first && !(block && (isZero(block) || isHeader(block)))) throw notTar()
    if (!block) throw broken('it ends before its last entry')
    if (isZero(block)) return
    if (!isHeader(block)) throw broken('an entry does not begin where it should')
    const header = parseHeader(block)
    switch (header.flag) {
      case 'x':
        announced.pax = parsePax(await extension(reader, header))
        break
      case 'g':
        globals = new Map([...globals, ...parsePax(await extension(reader, header))])
        break
      case 'L':
        announced.name = text(await extension(reader, header))
        break
      case 'K':
        announced.linkName = text(await extension(reader, header))
        break
      default: {
        await skipSparseMap(reader, header)
        const entry = describe(header, announced, globals)
        const next = reader.position + padded(entry.storedSize)
        yield entry
        if (!(await reader.skip(next - reader.position))) throw broken('its last entry is cut off')
        announced = {}
      }
    }
  }
}

/** Much is compressed that is no archive. */
const notTar = (): StorageError =>
  new StorageError('InvalidArgument', 'The file is compressed, but what it holds is no tar archive.')

const padded = (size: number): number => Math.ceil(size / blockSize) * blockSize

async function extension(reader: ForwardReader, { size }: TarHeader): Promise<Uint8Array> {
  if (size > longestExtension) throw tooLarge('a name or an extended header in it takes more than 1 MiB')
  const bytes = await reader.read(padded(size))
  if (!bytes) throw broken('an extended header is cut off')
  return bytes.subarray(0, size)
}

async function skipSparseMap(reader: ForwardReader, { sparse }: TarHeader): Promise<void> {
  for (let continued = sparse?.continued; continued; ) {
    const block = await reader.read(blockSize)
    if (!block) throw broken('the map of a sparse file is cut off')
    continued = block[504] === 1
  }
}

function describe(header: TarHeader, announced: Announced, globals: PaxRecords): TarEntry {
  const pax = (key: string): string | undefined => announced.pax?.get(key) ?? globals.get(key)
  const path = pax('GNU.sparse.name') ?? pax('path') ?? announced.name ?? header.name
  const slashed = header.flag === '0' && path.endsWith('/')
  const type = slashed ? 'directory' : (types[header.flag] ?? 'other')
  const isLink = type === 'symlink' || type === 'hardlink'
  // A link has a size in some archives, that of what it leads to, but no data.
  const storedSize = isLink ? 0 : (paxNumber(pax('size')) ?? header.size)
  const realSize = paxNumber(pax('GNU.sparse.realsize') ?? pax('GNU.sparse.size')) ?? header.sparse?.realSize
  const modified = paxNumber(pax('mtime')) ?? header.modified
  return {
    path,
    type,
    size: type === 'file' ? (realSize ?? storedSize) : 0,
    compressedSize: null,
    modified: modified === null ? null : Math.floor(modified),
    mode: header.mode === null ? null : header.mode & 0o7777,
    linkTarget: isLink ? (pax('linkpath') ?? announced.linkName ?? header.linkName) : null,
    encrypted: false,
    storedSize,
    sparse: realSize !== undefined || pax('GNU.sparse.major') !== undefined,
  }
}

function paxNumber(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const number = /^-?\d+(\.\d*)?$/.test(value) ? Number(value) : Number.NaN
  if (Math.abs(number) <= Number.MAX_SAFE_INTEGER) return number
  throw broken('an extended header makes no sense')
}
