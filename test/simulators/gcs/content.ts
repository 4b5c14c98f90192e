import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { crc32c, writeCrc32c } from './crc32c.ts'

/** The bytes of an object, in pieces as they came. */
export interface Content {
  readonly size: number
  readonly pieces: readonly Buffer[]
}

/** Base64, as the API shows them. */
export interface Checksums {
  readonly md5Hash: string
  readonly crc32c: string
}

export const contentOf = (pieces: readonly Buffer[]): Content => ({
  size: pieces.reduce((sum, { length }) => sum + length, 0),
  pieces,
})

/** Those of `start` until before `end`. */
export function* sliceContent({ pieces }: Content, start: number, end: number): Generator<Buffer> {
  let place = 0
  for (const piece of pieces) {
    const part = piece.subarray(Math.max(0, start - place), Math.max(0, end - place))
    if (part.length > 0) yield part
    place += piece.length
    if (place >= end) return
  }
}

export async function checksumsOf({ pieces }: Content): Promise<Checksums> {
  const md5 = createHash('md5')
  let crc = 0
  let done = 0
  for (const piece of pieces) {
    md5.update(piece)
    crc = crc32c(piece, crc)
    done += piece.length
    // The simulator shares its thread with what is tested.
    if (done >= 1_048_576) {
      done = 0
      await turn()
    }
  }
  return { md5Hash: md5.digest('base64'), crc32c: writeCrc32c(crc) }
}
