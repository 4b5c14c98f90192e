import { createHash } from 'node:crypto'

const blockSize = 4 * 1024 * 1024

/** Of the digests of all blocks, step 3 and 4 of what dropbox.com/developers/reference/content-hash says. */
export const hashOfBlocks = (blocks: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(blocks)).digest()

/** Dropbox's content hash: the SHA-256 of the SHA-256 digests of blocks of 4 MiB; an empty file has no block. */
export function contentHash(bytes: Uint8Array): Buffer {
  const blocks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += blockSize) {
    blocks.push(
      createHash('sha256')
        .update(bytes.subarray(at, at + blockSize))
        .digest(),
    )
  }
  return hashOfBlocks(blocks)
}
