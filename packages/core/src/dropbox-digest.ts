import { createHash, type Hash } from 'node:crypto'
import type { Digest } from './digest.ts'

/** Bytes of a block, as https://www.dropbox.com/developers/reference/content-hash has it. */
const blockSize = 4_194_304

/** What Dropbox knows a content by: SHA-256 of the SHA-256 digests of its blocks. */
export function dropboxDigest(): Digest {
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
