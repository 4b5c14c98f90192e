import type { Archive, ArchiveEntry, ArchiveListing } from './archive.ts'

/** Entries that are written at a time. */
const slice = 500

/** A listing as JSON in pieces, so that neither the whole text is in memory nor the thread busy for long. */
export function* listingJson(format: Archive['format'], listing: ArchiveListing): Generator<string, void, undefined> {
  const { entries, totalFiles, totalSize, totalCompressedSize, truncated } = listing
  const totals = {
    format,
    total_files: totalFiles,
    total_size: totalSize,
    total_compressed_size: totalCompressedSize,
    truncated,
  }
  let text = `${JSON.stringify(totals).slice(0, -1)},"entries":[`
  for (let start = 0; start < entries.length; start += slice) {
    const part = entries.slice(start, start + slice).map(entryJson)
    yield `${text}${start > 0 ? ',' : ''}${part.join(',')}`
    text = ''
  }
  yield `${text}]}`
}

function entryJson(entry: ArchiveEntry): string {
  const { path, type, size, compressedSize, modified, mode, linkTarget } = entry
  const permissions = mode === null ? 'null' : `"${mode.toString(8).padStart(4, '0')}"`
  const link = linkTarget === null ? 'null' : JSON.stringify(linkTarget)
  return `{"path":${JSON.stringify(path)},"size":${size},"is_dir":${type === 'directory'},"compressed_size":${compressedSize},"modified_time":${modified},"permissions":${permissions},"entry_type":"${type}","link_target":${link}}`
}
