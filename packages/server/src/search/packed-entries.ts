import { baseName, type StoragePath } from '@filegate/core'
import type { TreeEntry } from './tree-walk.ts'

/** Entries as they go from one thread to another: columns cost far less than thousands of small objects. */
export interface PackedEntries {
  readonly paths: readonly StoragePath[]
  /** NaN where there is none. */
  readonly sizes: Float64Array<ArrayBuffer>
  readonly times: Float64Array<ArrayBuffer>
  readonly directories: Uint8Array<ArrayBuffer>
}

export function packEntries(entries: readonly TreeEntry[]): PackedEntries {
  return {
    paths: entries.map(({ path }) => path),
    sizes: Float64Array.from(entries, ({ size = Number.NaN }) => size),
    times: Float64Array.from(entries, ({ modified = Number.NaN }) => modified),
    directories: Uint8Array.from(entries, ({ kind }) => (kind === 'directory' ? 1 : 0)),
  }
}

/** What of them is handed over instead of copied. */
export const buffersOf = ({ sizes, times, directories }: PackedEntries): ArrayBuffer[] => [
  sizes.buffer,
  times.buffer,
  directories.buffer,
]

/** Only those that are asked for are made. */
export function* unpackEntries({ paths, sizes, times, directories }: PackedEntries): Generator<TreeEntry, void> {
  for (const [place, path] of paths.entries()) {
    const kind = directories[place] === 1 ? 'directory' : 'file'
    yield { path, name: baseName(path), kind, size: known(sizes[place]), modified: known(times[place]) }
  }
}

const known = (value = Number.NaN): number | undefined => (Number.isNaN(value) ? undefined : value)
