import { centralRecordBound, endRecords, widened, most32, writeCentralRecord, type ZipEntry } from './records.ts'

/** Central records as a thread makes them: their offsets count from the start of the piece they describe. */
export interface CentralRecords {
  readonly bytes: Uint8Array
  readonly count: number
}

/** Collects the records of an archive while its entries go out. This is all of it that stays in memory. */
export class CentralDirectory {
  readonly #records: Uint8Array[] = []
  #count = 0

  /** `base` is where in the archive the piece starts. Takes over the bytes. */
  addPiece({ bytes, count }: CentralRecords, base: number): void {
    if (count > 0) this.#records.push(relocated(bytes, base))
    this.#count += count
  }

  addEntry(entry: ZipEntry, offset: number): void {
    const record = Buffer.allocUnsafe(centralRecordBound(entry.name))
    this.#records.push(record.subarray(0, writeCentralRecord(record, 0, entry, offset)))
    this.#count += 1
  }

  /** The directory and the end of an archive whose entries take `size` bytes. */
  *finish(size: number): Generator<Uint8Array, void, undefined> {
    let directorySize = 0
    for (const chunk of gathered(this.#records)) {
      directorySize += chunk.length
      yield chunk
    }
    yield endRecords(this.#count, directorySize, size)
  }
}

const chunkSize = 262_144

function* gathered(pieces: readonly Uint8Array[]): Generator<Uint8Array, void, undefined> {
  let waiting: Uint8Array[] = []
  let size = 0
  for (const piece of pieces) {
    waiting.push(piece)
    size += piece.length
    if (size < chunkSize) continue
    yield Buffer.concat(waiting)
    waiting = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(waiting)
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
