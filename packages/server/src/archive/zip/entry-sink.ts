import { crc32, deflateRawSync } from 'node:zlib'
import { releaseMemory } from '../../bodies/release-memory.ts'
import type { CentralRecords } from './central-directory.ts'
import { isCompressedAlready } from './compressed-types.ts'
import type { Level, PackItem } from './pack-jobs.ts'
import {
  centralRecordBound,
  localHeaderBound,
  methods,
  most16,
  writeCentralRecord,
  writeLocalHeader,
  type ZipEntry,
} from './records.ts'

/** Gathers whole entries, headers and data, in one growing buffer that is used again and again. */
export class EntrySink {
  readonly #level: Level
  #bytes: Buffer<ArrayBuffer>
  #length = 0
  #records = Buffer.allocUnsafeSlow(16_384)
  #recordsLength = 0
  #count = 0

  constructor(level: Level, capacity: number) {
    this.#level = level
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
  }

  get length(): number {
    return this.#length
  }

  /**
   * Adds one entry. `fill` puts up to `size` bytes of the file into the target and returns how many it had.
   */
  add(item: PackItem, size: number, fill: (target: Buffer) => number): void {
    const name = Buffer.from(item.name)
    const header = localHeaderBound(name)
    this.#bytes = withRoom(this.#bytes, this.#length, header + size)
    this.#records = withRoom(this.#records, this.#recordsLength, centralRecordBound(name))
    // The header's length is known only with the entry, which needs the data: so those are read behind the widest one.
    const dataAt = this.#length + header
    const data = this.#bytes.subarray(dataAt, dataAt + fill(this.#bytes.subarray(dataAt, dataAt + size)))
    const packed = deflated(data, item.name, this.#level)
    const entry: ZipEntry = {
      name,
      kind: item.kind,
      modified: item.modified,
      mode: item.mode,
      method: packed ? methods.deflated : methods.stored,
      streamed: false,
      wide: false,
      crc: data.length === 0 ? 0 : crc32(data),
      size: data.length,
      compressedSize: (packed ?? data).length,
    }
    const offset = this.#length
    const behindHeader = writeLocalHeader(this.#bytes, offset, entry)
    this.#length = behindHeader + (packed ?? data).copy(this.#bytes, behindHeader)
    if (packed) releaseMemory(packed)
    this.#recordsLength = writeCentralRecord(this.#records, this.#recordsLength, entry, offset)
    this.#count += 1
  }

  /** What was gathered, copied out. The sink is empty afterwards. */
  take(): { bytes: Uint8Array<ArrayBuffer>; central: CentralRecords } {
    const taken = {
      bytes: new Uint8Array(this.#bytes.subarray(0, this.#length)),
      central: { bytes: new Uint8Array(this.#records.subarray(0, this.#recordsLength)), count: this.#count },
    }
    this.#length = this.#recordsLength = this.#count = 0
    return taken
  }
}

/** An entry name that no header can hold. */
export const isTooLong = (name: string): boolean => Buffer.byteLength(name) > most16

function withRoom(buffer: Buffer<ArrayBuffer>, used: number, more: number): Buffer<ArrayBuffer> {
  if (used + more <= buffer.length) return buffer
  const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, used + more))
  buffer.copy(larger, 0, 0, used)
  return larger
}

/** Undefined when storing is as good. */
function deflated(data: Buffer, name: string, level: Level): Buffer | undefined {
  if (level === 0 || data.length < 32 || isCompressedAlready(name)) return undefined
  // Output that needs more room than the data itself is of no use; and what is smaller comes from memory that is shared.
  const chunkSize = Math.max(data.length + 64, Buffer.poolSize / 2)
  const packed = deflateRawSync(data, { level, chunkSize, ...tables(data.length) })
  if (packed.length < data.length) return packed
  releaseMemory(packed)
  return undefined
}

/** Setting up deflate for 32 KiB takes longer than deflating a small file: a window that holds the file is enough. */
function tables(size: number): { windowBits: number; memLevel: number } {
  const windowBits = Math.min(15, Math.max(9, 32 - Math.clz32(size - 1)))
  return { windowBits, memLevel: Math.min(8, windowBits - 6) }
}
