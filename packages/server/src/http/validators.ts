import type { FileEntry } from '@filegate/core'
import { httpDate } from './date.ts'

/** The headers by which a client asks later whether what it got of a file is still right; it asks every time. */
export function validators(entry: FileEntry): Record<string, string> {
  const headers: Record<string, string> = { 'cache-control': 'no-cache' }
  if (entry.etag !== undefined) headers['etag'] = entry.etag
  if (entry.modified !== undefined) headers['last-modified'] = httpDate(entry.modified)
  return headers
}
