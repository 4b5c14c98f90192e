import { type RowColumns, typeOfCode } from './row-columns.ts'

/** What the documents put around the entries of a listing. */
export interface ListingFacts {
  readonly allow_archive: boolean
  readonly allow_delete: boolean
  readonly allow_search: boolean
  readonly allow_upload: boolean
  /** Whether there are accounts at all. */
  readonly auth: boolean
  readonly dir_exists: boolean
  /** The path of the directory, not percent-encoded. */
  readonly href: string
  readonly kind: 'Index'
  readonly uri_prefix: string
  readonly user: string | null
}

/** Bytes gathered before they are sent: small enough to be made in a moment, large enough to be worth a write. */
const chunkSize = 65_536
const longestNumber = 32
const encoder = new TextEncoder()

/**
 * The DirectoryListing of the documents, with its keys in their order, in chunks. `next` is there where a part of the
 * directory was asked for: what to ask for the part behind it with, or null.
 *
 * Bytes are written one by one because this leaves nothing behind to be collected: made of strings, a large listing
 * lets the heap of the server grow by tens of megabytes, which it keeps for long.
 */
export function* listingJson(
  { uri_prefix, user, ...before }: ListingFacts,
  { names, types, sizes, times }: RowColumns,
  next?: string | null,
): Generator<Uint8Array<ArrayBuffer>> {
  const after = { uri_prefix, user, ...(next !== undefined && { next_after: next }) }
  yield encoder.encode(`${JSON.stringify(before).slice(0, -1)},"paths":[`)
  let chunk = new Chunk(0)
  let at = 0
  for (const block of names) {
    for (let start = 0; start <= block.length; at++) {
      const separator = block.indexOf('\0', start)
      const end = separator === -1 ? block.length : separator
      const needed = longestRow(end - start)
      if (chunk.room < needed) {
        yield chunk.bytes()
        chunk = new Chunk(needed)
      }
      if (at > 0) chunk.put(comma)
      chunk.put(parts.mtime)
      chunk.number(times[at])
      chunk.put(parts.name)
      chunk.name(block, start, end)
      chunk.put(parts.type[typeOfCode(types[at])])
      chunk.number(sizes[at])
      chunk.put(parts.end)
      start = end + 1
    }
  }
  yield chunk.bytes()
  yield encoder.encode(`],${JSON.stringify(after).slice(1)}\n`)
}

const comma = encoder.encode(',')
const parts = {
  mtime: encoder.encode('{"mtime":'),
  name: encoder.encode(',"name":"'),
  type: {
    File: encoder.encode('","path_type":"File","revisions":null,"size":'),
    Dir: encoder.encode('","path_type":"Dir","revisions":null,"size":'),
    SymlinkFile: encoder.encode('","path_type":"SymlinkFile","revisions":null,"size":'),
    SymlinkDir: encoder.encode('","path_type":"SymlinkDir","revisions":null,"size":'),
  },
  end: encoder.encode('}'),
} as const

/** Bytes that one UTF-16 unit takes at most, as in `\u0001`. */
const longestUnit = 6
const longestRest = parts.mtime.length + parts.name.length + parts.type.SymlinkFile.length + 2 * longestNumber + 2
const longestRow = (nameLength: number): number => nameLength * longestUnit + longestRest

class Chunk {
  readonly #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  constructor(atLeast: number) {
    // Filling it with zeros first would be a tenth of the work.
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(chunkSize, atLeast))
  }

  get room(): number {
    return this.#bytes.length - this.#length
  }

  put(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) this.#bytes[this.#length++] = bytes[at] ?? 0
  }

  number(value: number | undefined): void {
    const digits = value === undefined || Number.isNaN(value) ? 'null' : String(value)
    for (let at = 0; at < digits.length; at++) this.#bytes[this.#length++] = digits.charCodeAt(at)
  }

  name(block: string, start: number, end: number): void {
    const back = this.#length
    for (let at = start; at < end; at++) {
      const unit = block.charCodeAt(at)
      if (unit < space || unit > tilde || unit === quote || unit === backslash) {
        this.#length = back
        this.#quoted(JSON.stringify(block.slice(start, end)))
        return
      }
      this.#bytes[this.#length++] = unit
    }
  }

  #quoted(text: string): void {
    this.#length += encoder.encodeInto(text.slice(1, -1), this.#bytes.subarray(this.#length)).written
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }
}

const [space, tilde, quote, backslash] = [0x20, 0x7e, 0x22, 0x5c] as const
