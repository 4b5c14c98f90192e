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

  /** The whole listing. The chunks have memory of their own. */
  *finish({ format, packedSize }: Archive): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
    const totals = {
      format,
      total_files: this.#files,
      total_size: this.#unpacked,
      total_compressed_size: packedSize === undefined ? this.#packed : packedSize,
      truncated: this.#truncated,
    }
    yield encoder.encode(`${JSON.stringify(totals).slice(0, -1)},"entries":[`)
    this.#makeRoom(parts.end.length)
    this.#chunk.put(parts.end)
    for (const chunk of this.#chunks.splice(0)) yield chunk
    yield this.#chunk.bytes()
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
  permissions: bytes(',"permissions":"'),
  noPermissions: bytes(',"permissions":null,"entry_type":"'),
  type: bytes('","entry_type":"'),
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
  if (mode === null) chunk.put(parts.noPermissions)
  else {
    chunk.put(parts.permissions)
    chunk.text(octal(mode))
    chunk.put(parts.type)
  }
  chunk.text(type)
  if (linkTarget === null) chunk.put(parts.noLink)
  else {
    chunk.put(parts.link)
    chunk.text(linkTarget)
    chunk.put(parts.endOfLink)
  }
}

const octals = new Map<number, string>()

/** There are 4096 of them at most. */
function octal(mode: number): string {
  const known = octals.get(mode)
  if (known !== undefined) return known
  const text = mode.toString(8).padStart(4, '0')
  octals.set(mode, text)
  return text
}
