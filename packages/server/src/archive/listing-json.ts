import { JsonChunk, longestNumber, longestUnit } from '../listing/json-chunk.ts'
import type { Archive, ArchiveEntry, ArchiveListing } from './archive.ts'

const encoder = new TextEncoder()

/** A listing as JSON in chunks, so that neither all of it is in memory nor the thread busy for long. */
export function* listingJson(
  format: Archive['format'],
  listing: ArchiveListing,
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { entries, totalFiles, totalSize, totalCompressedSize, truncated } = listing
  const totals = {
    format,
    total_files: totalFiles,
    total_size: totalSize,
    total_compressed_size: totalCompressedSize,
    truncated,
  }
  yield encoder.encode(`${JSON.stringify(totals).slice(0, -1)},"entries":[`)
  let chunk = new JsonChunk(0)
  let isFirst = true
  for (const entry of entries) {
    const needed = longestEntry(entry)
    if (chunk.room < needed) {
      yield chunk.bytes()
      chunk = new JsonChunk(needed)
    }
    if (!isFirst) chunk.put(parts.comma)
    isFirst = false
    putEntry(chunk, entry)
  }
  chunk.put(parts.end)
  yield chunk.bytes()
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
