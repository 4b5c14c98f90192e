import { abortable } from '@filegate/core'

export interface Piece {
  /** In a buffer of its own, so that it can be given away. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly isLast: boolean
}

/** Small files make one piece; of large ones no more than this is held at a time. */
const pieceSize = 1024 * 1024

/** The bytes of a body, gathered to pieces. There is always a last piece, though it may be empty. */
export async function* piecesOf(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<Piece, void> {
  let chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of abortable(body, signal)) {
    if (size > 0 && size + chunk.length > pieceSize) {
      yield { bytes: joined(chunks, size), isLast: false }
      chunks = []
      size = 0
    }
    chunks.push(chunk)
    size += chunk.length
  }
  yield { bytes: joined(chunks, size), isLast: true }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
