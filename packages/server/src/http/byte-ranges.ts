import { randomBytes } from 'node:crypto'
import { contentRange, type Span } from './range.ts'

/** A body of several parts (RFC 9110, section 14.6) whose length is known before the first byte is read. */
export interface MultipartRanges {
  readonly contentType: string
  readonly length: number
  readonly body: () => ReadableStream<Uint8Array>
}

/** Joins spans that overlap or touch, so that asking for one byte a thousand times is answered once. */
export function coalesced(spans: readonly Span[]): readonly Span[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start)
  const merged: { start: number; end: number }[] = []
  for (const { start, end } of sorted) {
    const last = merged.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return merged.length === spans.length ? spans : merged
}

/** Parts are opened one after the other, each when the one before has been read. */
export function multipartRanges(
  spans: readonly Span[],
  size: number,
  type: string,
  open: (span: Span) => Promise<ReadableStream<Uint8Array>>,
): MultipartRanges {
  const boundary = `filegate-${randomBytes(12).toString('hex')}`
  const encoder = new TextEncoder()
  const heads = spans.map((span) =>
    encoder.encode(`\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${contentRange(span, size)}\r\n\r\n`),
  )
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`)
  const bytes = spans.reduce((sum, { start, end }) => sum + end - start, 0)
  const length = bytes + tail.length + heads.reduce((sum, head) => sum + head.length, 0)

  async function* parts(): AsyncGenerator<Uint8Array> {
    for (const [index, span] of spans.entries()) {
      const head = heads[index]
      if (head) yield head
      yield* await open(span)
    }
    yield tail
  }
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    length,
    body: () => ReadableStream.from(parts()),
  }
}
