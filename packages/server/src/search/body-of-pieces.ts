/** A larger answer is written while it is sent, piece by piece, so that others need not wait until it is written. */
const pieceSize = 64 * 1024

/** A JSON text with a long list in it: what is before the list, its items in JSON, and what is behind it. */
export function bodyOfPieces(
  before: string,
  items: Iterable<string>,
  after: string,
): string | ReadableStream<Uint8Array> {
  const pieces = piecesOf(before, items, after)
  const first = pieces.next().value ?? ''
  const second = pieces.next()
  if (second.done) return first
  const encoder = new TextEncoder()
  let waiting: readonly string[] = [first, second.value]
  return new ReadableStream(
    {
      pull(controller) {
        for (const piece of waiting) controller.enqueue(encoder.encode(piece))
        waiting = []
        const next = pieces.next()
        if (next.done) controller.close()
        else controller.enqueue(encoder.encode(next.value))
      },
    },
    { highWaterMark: 0 },
  )
}

function* piecesOf(before: string, items: Iterable<string>, after: string): Generator<string, void> {
  let piece = before
  let separator = ''
  for (const item of items) {
    piece += separator + item
    separator = ','
    if (piece.length < pieceSize) continue
    yield piece
    piece = ''
  }
  yield piece + after
}
