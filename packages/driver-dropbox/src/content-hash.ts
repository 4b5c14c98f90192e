import { createHash, type Hash } from 'node:crypto'

/** Bytes of a block: https://www.dropbox.com/developers/reference/content-hash. */
const blockSize = 4_194_304

export interface ContentHash {
  update(bytes: Uint8Array): void
  /** Lower-case hexadecimal; ends the digest. */
  finish(): string
}

/** The digest that the vendor knows a content by: SHA-256 of the SHA-256 digests of its blocks. */
export function contentHash(): ContentHash {
  const whole = createHash('sha256')
  let block: Hash | undefined
  let filled = 0
  function endBlock(): void {
    if (block) whole.update(block.digest())
    block = undefined
    filled = 0
  }
  return {
    update(bytes) {
      for (let offset = 0; offset < bytes.length; ) {
        const part = bytes.subarray(offset, offset + blockSize - filled)
        block ??= createHash('sha256')
        block.update(part)
        filled += part.length
        offset += part.length
        if (filled === blockSize) endBlock()
      }
    },
    finish() {
      endBlock()
      return whole.digest('hex')
    },
  }
}
