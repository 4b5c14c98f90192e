import { releaseMemory } from '../../bodies/release-memory.ts'
import { centralRecordBound, endRecords, widened, most32, writeCentralRecord, type ZipEntry } from './records.ts'

/** Central records as a thread makes them: their offsets count from the start of the piece they describe. */
export interface CentralRecords {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly count: number
}

const blockSize = 262_144

/**
 * Collects the records of an archive while its entries go out. This is all of it that stays in memory, about 80 bytes for
 * each entry, in a few large blocks: many small pieces would keep the memory around them from being used again.
 */
export class CentralDirectory {
  readonly #full: Uint8Array<ArrayBuffer>[] = []
  #block = new Uint8Array(0)
  #used = 0
  #size = 0
  #count = 0

  /** `base` is where in the archive the piece starts. Takes over the bytes. */
  addPiece({ bytes, count }: CentralRecords, base: number): void {
    if (count > 0) this.#append(relocated(bytes, base))
    releaseMemory(bytes)
    this.#count += count
  }

  addEntry(entry: ZipEntry, offset: number): void {
    const record = Buffer.alloc(centralRecordBound(entry.name))
    this.#append(record.subarray(0, writeCentralRecord(record, 0, entry, offset)))
    this.#count += 1
  }

  /** The directory and the end of an archive whose entries take `size` bytes. The chunks have memory of their own. */
  *finish(size: number): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
    for (const block of this.#full.splice(0)) yield block
    if (this.#used > 0) yield this.#block.subarray(0, this.#used)
    yield endRecords(this.#count, this.#size, size)
  }

  #append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#used === this.#block.length) this.#begin()
      const part = bytes.subarray(at, at + this.#block.length - this.#used)
      this.#block.set(part, this.#used)
      this.#used += part.length
      at += part.length
    }
    this.#size += bytes.length
  }

  #begin(): void {
    if (this.#used > 0) this.#full.push(this.#block)
    // The first one is small, because most archives are.
    this.#block = new Uint8Array(this.#used === 0 ? blockSize / 16 : blockSize)
    this.#used = 0
  }
}

/** Adds `base` to the offset of each record; a record whose offset no longer fits 32 bits gets a zip64 field. */
function relocated(bytes: Uint8Array, base: number): Uint8Array {
  const records = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wide: Uint8Array[] = []
  let narrowEnd = 0
  for (let at = 0; at < records.length; ) {
    const next = at + 46 + records.readUInt16LE(at + 28) + records.readUInt16LE(at + 30)
    const offset = records.readUInt32LE(at + 42) + base
    if (offset < most32) {
      records.writeUInt32LE(offset, at + 42)
      narrowEnd = next
    } else {
      wide.push(widened(records.subarray(at, next), offset))
    }
    at = next
  }
  // Offsets only grow, so the narrow records come first.
  return wide.length === 0 ? records : Buffer.concat([records.subarray(0, narrowEnd), ...wide])
}
