import { JsonChunk, longestNumber, longestUnit } from '../listing/json-chunk.ts'
import type { Archive, ArchiveEntry } from './archive.ts'

const encoder = new TextEncoder()

/** Beyond these entries are counted, but not listed. The second is in bytes of JSON. */
const most = { entries: 100_000, bytes: 64 << 20 } as const

/**
 * Writes the entries of an archive as JSON when they are found. Kept as objects, those of a large archive would cost the
 * collector as much time as all else takes.
 */
export class ListingJson {
  readonly #chunks: Uint8Array<ArrayBuffer>[] = []
  #chunk = new JsonChunk(0)
  #size = 0
  #listed = 0
  #truncated = false
  #files = 0
  #unpacked = 0
  #packed = 0

  add(entry: ArchiveEntry): void {
    if (entry.type !== 'directory') this.#files += 1
    this.#unpacked += entry.size
    this.#packed += entry.compressedSize ?? 0
    if (this.#listed === most.entries || this.#size > most.bytes) {
      this.#truncated = true
      return
    }
    this.#makeRoom(longestEntry(entry))
    if (this.#listed > 0) this.#chunk.put(parts.comma)
    putEntry(this.#chunk, entry)
    this.#listed += 1
  }

  /** The whole listing, in chunks that have memory of their own, and its length in bytes. */
  finish({ format, packedSize }: Archive): { readonly chunks: Uint8Array<ArrayBuffer>[]; readonly length: number } {
    const totals = {
      format,
      total_files: this.#files,
      total_size: this.#unpacked,
      total_compressed_size: packedSize === undefined ? this.#packed : packedSize,
      truncated: this.#truncated,
    }
    const start = encoder.encode(`${JSON.stringify(totals).slice(0, -1)},"entries":[`)
    this.#makeRoom(parts.end.length)
    this.#chunk.put(parts.end)
    const chunks = [start, ...this.#chunks, this.#chunk.bytes()]
    return { chunks, length: chunks.reduce((sum, chunk) => sum + chunk.length, 0) }
  }

  #makeRoom(needed: number): void {
    if (this.#chunk.room >= needed) return
    const full = this.#chunk.bytes()
    this.#chunks.push(full)
    this.#size += full.length
    this.#chunk = new JsonChunk(needed)
  }
}

const bytes = (text: string): Uint8Array => encoder.encode(text)
const parts = {
  comma: bytes(','),
  end: bytes(']}'),
  path: bytes('{"path":"'),
  size: bytes('","size":'),
  directory: bytes(',"is_dir":true,"compressed_size":'),
  file: bytes(',"is_dir":false,"compressed_size":'),
  modified: bytes(',"modified_time":'),
  /** The longest of its kind. */
  kind: bytes(',"permissions":"0000","entry_type":"directory'),
  link: bytes('","link_target":"'),
  noLink: bytes('","link_target":null}'),
  endOfLink: bytes('"}'),
} as const
/** All that stands around the path and the target of a link. */
const longestRest = 3 * longestNumber + Object.values(parts).reduce((sum, { length }) => sum + length, 0)

const longestEntry = ({ path, linkTarget }: ArchiveEntry): number =>
  (path.length + (linkTarget?.length ?? 0)) * longestUnit + longestRest

function putEntry(chunk: JsonChunk, entry: ArchiveEntry): void {
  const { path, type, size, compressedSize, modified, mode, linkTarget } = entry
  chunk.put(parts.path)
  chunk.text(path)
  chunk.put(parts.size)
  chunk.number(size)
  chunk.put(type === 'directory' ? parts.directory : parts.file)
  chunk.number(compressedSize ?? undefined)
  chunk.put(parts.modified)
  chunk.number(modified ?? undefined)
  chunk.put(kindOf(mode, type))
  if (linkTarget === null) chunk.put(parts.noLink)
  else {
    chunk.put(parts.link)
    chunk.text(linkTarget)
    chunk.put(parts.endOfLink)
  }
}

const kinds = new Map<string, Map<number | null, Uint8Array>>()

/** What is the same of many entries. There are 4096 modes at most. */
function kindOf(mode: ArchiveEntry['mode'], type: ArchiveEntry['type']): Uint8Array {
  const known = kinds.get(type)?.get(mode)
  if (known) return known
  const permissions = mode === null ? null : mode.toString(8).padStart(4, '0')
  const text = bytes(`,"permissions":${JSON.stringify(permissions)},"entry_type":"${type}`)
  kinds.set(type, (kinds.get(type) ?? new Map<number | null, Uint8Array>()).set(mode, text))
  return text
}
