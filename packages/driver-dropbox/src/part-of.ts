import type { ByteRange, FileEntry, ReadResult } from '@filegate/core'
import { ranged } from '@filegate/core/http-body'
import type { Downloaded } from './vendor.ts'

/** The part of a content that the answer to a range holds. */
export function partOf(
  entry: FileEntry,
  { headers, body }: Downloaded,
  { range, size }: { readonly range: ByteRange; readonly size: number },
): ReadResult {
  const told = { contentRange: headers.get('content-range') ?? undefined, size }
  const part = ranged({ key: entry.path, facts: {} }, range, told, body)
  return { entry, range: part.range, body: part.body }
}
