import type { ByteRange } from '@filegate/core'

/** The header `Range`: RFC 9110, section 14.1.2. */
export function rangeHeader(range: ByteRange): string {
  if ('suffix' in range) return `bytes=-${range.suffix}`
  return `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}`
}

/** Whether a range holds no byte of any file, which the header cannot say. */
export function asksNothing(range: ByteRange): boolean {
  return 'suffix' in range ? range.suffix === 0 : range.end !== undefined && range.end <= range.start
}
