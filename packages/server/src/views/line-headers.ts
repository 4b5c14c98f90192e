import type { FileEntry } from '@filegate/core'
import { validators } from '../http/validators.ts'
import { charsetOf } from '../text/charset.ts'
import type { LineSpan } from '../text/lines-scan.ts'

/** How many of the first bytes of an answer decide about its character set. */
export const sampleSize = 4096

/** The headers of an answer that holds the lines of `span`, whose bytes start with `sample`. */
export function lineHeaders(entry: FileEntry, span: LineSpan, sample: Uint8Array): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': `text/plain; charset=${charsetOf(sample.subarray(0, sampleSize))}`,
    'content-length': String(span.end - span.start),
    ...validators(entry),
  }
  if (span.count > 0) headers['x-line-range'] = lineRange(span)
  if (span.total !== undefined) headers['x-total-lines'] = String(span.total)
  return headers
}

function lineRange({ first, count }: LineSpan): string {
  return first === undefined ? `-${count}` : `${first}-${first + count - 1}`
}
