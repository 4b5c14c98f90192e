/** An upload that is not committed yet. */
export interface Session {
  readonly id: string
  readonly kind: 'sequential' | 'concurrent'
  readonly owner: string | undefined
  /** Milliseconds since 1970. */
  readonly started: number
  /** Pieces by the offset that they begin at. */
  readonly pieces: Map<number, Buffer>
  /** Of a sequential one: how much there is. */
  size: number
  closed: boolean
  /** What a file was made of it; nothing can be added any more. */
  committed: boolean
}

export const mostSessionDays = 7
export const concurrentUnit = 4 * 1024 * 1024
export const mostBytes = 2 ** 41 - 2 ** 22

/** Whole content, or `undefined` when a concurrent upload has a gap. */
export function contentOf(session: Session): Uint8Array | undefined {
  const pieces = [...session.pieces].sort(([one], [other]) => one - other)
  let end = 0
  for (const [offset, piece] of pieces) {
    if (offset !== end) return undefined
    end += piece.length
  }
  return Buffer.concat(pieces.map(([, piece]) => piece))
}
