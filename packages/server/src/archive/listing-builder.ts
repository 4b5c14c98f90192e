import { type ArchiveEntry, type ArchiveListing, mostListed } from './archive.ts'

/** Adds up a listing while entries are found. */
export class ListingBuilder {
  readonly #entries: ArchiveEntry[] = []
  #files = 0
  #size = 0
  #compressed = 0
  #truncated = false

  add(entry: ArchiveEntry): void {
    if (this.#entries.length < mostListed) this.#entries.push(entry)
    else this.#truncated = true
    if (entry.type !== 'directory') this.#files += 1
    this.#size += entry.size
    this.#compressed += entry.compressedSize ?? 0
  }

  /** `compressedSize` where the format knows it only for everything together. */
  finish(compressedSize: number | null = this.#compressed): ArchiveListing {
    return {
      entries: this.#entries,
      totalFiles: this.#files,
      totalSize: this.#size,
      totalCompressedSize: compressedSize,
      truncated: this.#truncated,
    }
  }
}
