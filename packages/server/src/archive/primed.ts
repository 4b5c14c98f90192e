/** The start of some chunks, looked at before an answer begins. */
export interface Primed {
  readonly start: Uint8Array<ArrayBuffer>
  /** Whether `start` is all there is. */
  readonly whole: boolean
}

/** Takes up to about `most` bytes, so that damage found in them can still be answered with an error. */
export async function primed(chunks: AsyncGenerator<Uint8Array, void, undefined>, most: number): Promise<Primed> {
  const taken: Uint8Array[] = []
  for (let size = 0; size <= most; ) {
    const next = await chunks.next()
    if (next.done) return { start: new Uint8Array(Buffer.concat(taken)), whole: true }
    taken.push(next.value)
    size += next.value.length
  }
  return { start: new Uint8Array(Buffer.concat(taken)), whole: false }
}
