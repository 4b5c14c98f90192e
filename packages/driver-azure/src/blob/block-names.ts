import { randomBytes } from 'node:crypto'
import { type Connection, until } from './connection.ts'
import type { Upload } from './upload.ts'

/** The names of the blocks of one upload. All blocks of a blob that are not yet part of it have names of one length. */
export interface BlockNames {
  readonly of: (number: number) => string
  /** The first so many. */
  readonly list: (count: number) => string[]
  /** A block was taken, so the length of the names stays as it is. */
  readonly settle: () => void
  /** Takes the length that blocks have which somebody else left there. `false`: that is not what is wrong. */
  readonly adapt: (signal: AbortSignal | undefined) => Promise<boolean>
}

/** Bytes of a name: enough to tell uploads apart. */
const usual = 24
/** Bytes for the number in it, and the fewest with which two uploads still have different names. */
const counter = 4
const fewest = counter + 4

export function blockNames({ vendor }: Connection, { place }: Pick<Upload, 'place'>): BlockNames {
  let length = usual
  let start = randomBytes(length - counter)
  let isSettled = false
  let adapting: Promise<boolean> | undefined

  const of = (number: number): string => {
    const digits = Buffer.alloc(counter)
    digits.writeUInt32BE(number)
    return Buffer.concat([start, digits]).toString('base64')
  }
  async function adapted(signal: AbortSignal | undefined): Promise<boolean> {
    const { uncommittedBlocks = [] } = await vendor.blocks(place).getBlockList('uncommitted', until(signal))
    const [other] = uncommittedBlocks
    const found = other === undefined ? 0 : Buffer.from(other.name, 'base64').length
    if (isSettled || found < fewest || found === length) return false
    length = found
    start = randomBytes(length - counter)
    return true
  }
  return {
    of,
    list: (count) => Array.from({ length: count }, (_, number) => of(number)),
    settle() {
      isSettled = true
    },
    adapt(signal) {
      adapting ??= adapted(signal)
      return adapting
    },
  }
}
