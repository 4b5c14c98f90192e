import type { ByteRange } from '@filegate/core'

/** More than this is an attempt to make us work, not to read. */
const mostRanges = 100
const single = /^[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*$/

/**
 * Reads a `Range` header (RFC 9110, section 14.2). Undefined means: answer as if it had not been sent, which is right for
 * another unit, for anything malformed (`10-1` included), and for an absurd number of ranges.
 */
export function parseRange(header: string | undefined): ByteRange[] | undefined {
  const list = header && /^bytes=(.+)$/i.exec(header)?.[1]
  if (!list) return undefined
  const members = list.split(',').filter((member) => member.trim() !== '')
  if (members.length === 0 || members.length > mostRanges) return undefined
  const ranges: ByteRange[] = []
  for (const member of members) {
    const range = parseMember(member)
    if (!range) return undefined
    ranges.push(range)
  }
  return ranges
}

function parseMember(member: string): ByteRange | undefined {
  const found = single.exec(member)
  if (!found) return undefined
  const [, first, last, suffix] = found
  if (suffix !== undefined) return { suffix: Number(suffix) }
  const start = Number(first)
  if (last === '') return { start }
  return Number(last) < start ? undefined : { start, end: Number(last) + 1 }
}

/** Bytes by their offsets, `end` exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The spans that lie in a file of `size` bytes, clamped; those that lie outside are dropped. */
export function satisfiable(ranges: readonly ByteRange[], size: number): Span[] {
  const spans = ranges.map((range) =>
    'suffix' in range
      ? { start: Math.max(0, size - range.suffix), end: size }
      : { start: range.start, end: Math.min(range.end ?? size, size) },
  )
  return spans.filter(({ start, end }) => start < end)
}

/** RFC 9110, section 14.4: a star stands for a length that is not known. */
export const contentRange = ({ start, end }: Span, size: number | undefined): string =>
  `bytes ${start}-${end - 1}/${size ?? '*'}`
