/** Bytes in their order, with skips. */
export interface ForwardReader {
  readonly position: number
  /** Exactly so many; undefined at the end of the bytes, or where fewer are left. For small amounts. */
  read(count: number): Promise<Uint8Array | undefined>
  /** Up to so many, as they come. */
  chunks(count: number): AsyncGenerator<Uint8Array, void, undefined>
  /** False when the bytes end before. */
  skip(count: number): Promise<boolean>
  close(): Promise<void>
}

export interface ForwardSource {
  open(start: number): AsyncGenerator<Uint8Array, void, undefined>
  /** Bytes of a skip from which on it is better to open the source again; absent where that is impossible. */
  readonly reopenFrom: number | undefined
}

export function createForwardReader(source: ForwardSource): ForwardReader {
  let stream = source.open(0)
  let waiting: Uint8Array = new Uint8Array(0)
  let position = 0

  /** At least one byte in `waiting`, if there is any left. */
  async function fill(): Promise<boolean> {
    while (waiting.length === 0) {
      const next = await stream.next()
      if (next.done) return false
      waiting = next.value
    }
    return true
  }
  function takeUpTo(count: number): Uint8Array {
    const taken = waiting.subarray(0, count)
    waiting = waiting.subarray(taken.length)
    position += taken.length
    return taken
  }
  async function read(count: number): Promise<Uint8Array | undefined> {
    if (waiting.length >= count) return takeUpTo(count)
    const bytes = new Uint8Array(count)
    for (let filled = 0; filled < count; ) {
      if (!(await fill())) return undefined
      const part = takeUpTo(count - filled)
      bytes.set(part, filled)
      filled += part.length
    }
    return bytes
  }
  async function skip(count: number): Promise<boolean> {
    if (source.reopenFrom !== undefined && count - waiting.length >= source.reopenFrom) {
      await stream.return()
      position += count
      waiting = new Uint8Array(0)
      stream = source.open(position)
      return true
    }
    for (let left = count; left > 0; ) {
      if (!(await fill())) return false
      left -= takeUpTo(left).length
    }
    return true
  }
  return {
    get position() {
      return position
    },
    read,
    async *chunks(count) {
      for (let left = count; left > 0; ) {
        if (!(await fill())) return
        const chunk = takeUpTo(left)
        left -= chunk.length
        yield chunk
      }
    },
    skip,
    close: async () => void (await stream.return()),
  }
}
