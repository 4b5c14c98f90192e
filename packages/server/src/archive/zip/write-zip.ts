import { StorageError } from '@filegate/core'
import { inOrder } from '../in-order.ts'
import { CentralDirectory } from './central-directory.ts'
import { combineCrc } from './crc-combine.ts'
import { isCompressedAlready } from './compressed-types.ts'
import { Omissions } from './omissions.ts'
import type { Level, PackedFiles, PackItem } from './pack-jobs.ts'
import type { LargeFile, Packer, PieceSource } from './packer.ts'
import { dataDescriptor, localHeaderBound, methods, writeLocalHeader, type ZipEntry } from './records.ts'
import type { Unit } from './units.ts'

/** Results that wait for their turn, and pieces of one large file under way. */
const window = { units: 8, pieces: 3 }
/** Above this a file may come out at 4 GiB or more: deflate can make data a little larger. */
const wideFrom = 0xf0000000

/** Bytes of an archive as they become ready. The size of the tree changes nothing in the memory it takes but the directory. */
export async function* writeZip(
  units: AsyncIterator<Unit, void, undefined>,
  packer: Packer,
  level: Level,
): AsyncGenerator<Uint8Array, void, undefined> {
  const archive = new ZipArchive(packer, level)
  const work = async (unit: Unit): Promise<Ready> =>
    unit.kind === 'files' ? { unit, packed: await packer.pack(unit.items) } : { unit }
  const weigh = (unit: Unit): number => (unit.kind === 'files' ? unit.size : 0)
  const ready = inOrder(units, work, { most: window.units, weigh, heaviest: packer.heaviest })
  for await (const { unit, packed } of ready) {
    if (unit.kind === 'omission') archive.omissions.add(unit.omission)
    else if (unit.kind === 'large') yield* archive.addLarge(unit.item, unit.size)
    else if (packed) yield* archive.addFiles(unit.items, packed)
  }
  yield* archive.finish()
}

interface Ready {
  readonly unit: Unit
  readonly packed?: PackedFiles
}

/** What has gone out so far. */
class ZipArchive {
  readonly omissions = new Omissions()
  readonly #packer: Packer
  readonly #level: Level
  readonly #directory = new CentralDirectory()
  #size = 0

  constructor(packer: Packer, level: Level) {
    this.#packer = packer
    this.#level = level
  }

  async *addFiles(items: readonly PackItem[], first: PackedFiles): AsyncGenerator<Uint8Array, void, undefined> {
    for (const { name } of items) this.omissions.avoid(name)
    let rest = items
    for (let packed = first; ; packed = await this.#packer.pack(rest)) {
      yield* this.#addPacked(packed)
      rest = rest.slice(packed.done)
      const [next] = rest
      if (packed.large && next) {
        yield* this.addLarge(next, undefined)
        rest = rest.slice(1)
      }
      if (rest.length === 0) return
    }
  }

  *#addPacked({ bytes, central, omissions }: PackedFiles): Generator<Uint8Array, void, undefined> {
    for (const omission of omissions) this.omissions.add(omission)
    this.#directory.addPiece(central, this.#size)
    this.#size += bytes.length
    if (bytes.length > 0) yield bytes
  }

  /** A file that cannot be opened is left out; one that breaks later breaks the archive, half of it being sent already. */
  async *addLarge(item: PackItem, size: number | undefined): AsyncGenerator<Uint8Array, void, undefined> {
    this.omissions.avoid(item.name)
    let file: LargeFile
    try {
      file = await this.#packer.openLarge(item, size)
    } catch (error) {
      if (!StorageError.is(error) || error.code === 'Aborted') throw error
      this.omissions.add({ path: item.path, reason: error.message })
      return
    }
    try {
      yield* this.#addPieces(file)
    } finally {
      await file.close()
    }
  }

  async *#addPieces(file: LargeFile): AsyncGenerator<Uint8Array, void, undefined> {
    const level = isCompressedAlready(file.item.name) ? 0 : this.#level
    const offset = this.#size
    const opening = openingEntry(file, level)
    const header = Buffer.alloc(localHeaderBound(opening.name))
    yield this.#counted(header.subarray(0, writeLocalHeader(header, 0, opening)))

    const work = ({ source, last }: { source: PieceSource; last: boolean }) =>
      this.#packer.packPiece({ source, last, level })
    let [crc, size, compressedSize] = [0, 0, 0]
    for await (const piece of inOrder(file.pieces(), work, { most: window.pieces })) {
      crc = combineCrc(crc, piece.crc, piece.size)
      size += piece.size
      compressedSize += piece.bytes.length
      yield this.#counted(piece.bytes)
    }
    const entry = { ...opening, crc, size, compressedSize }
    yield this.#counted(dataDescriptor(entry))
    this.#directory.addEntry(entry, offset)
  }

  #counted<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
    this.#size += bytes.length
    return bytes
  }

  async *finish(): AsyncGenerator<Uint8Array, void, undefined> {
    const report = this.omissions.report()
    if (report) yield* this.#addPacked(report)
    yield* this.#directory.finish(this.#size)
  }
}

function openingEntry({ item, size }: LargeFile, level: Level): ZipEntry {
  return {
    name: Buffer.from(item.name),
    kind: 'file',
    modified: item.modified,
    mode: item.mode,
    method: level === 0 ? methods.stored : methods.deflated,
    streamed: true,
    wide: size === undefined || size >= wideFrom,
    crc: 0,
    size: 0,
    compressedSize: 0,
  }
}
